"""`manage.py ensure_admin`: the administrator that the environment names exists afterwards, however often this runs."""

import os

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Creates the administrator ADMIN_NAME with ADMIN_PASSWORD, unless that user exists."

    def handle(self, *args, **options):
        users = get_user_model().objects
        name = os.environ["ADMIN_NAME"]
        if users.filter(username=name).exists():
            self.stdout.write(f"administrator {name} exists")
        else:
            users.create_superuser(username=name, password=os.environ["ADMIN_PASSWORD"])
            self.stdout.write(f"administrator {name} created")
