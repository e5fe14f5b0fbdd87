"""The page of the logbook: the latest entries, and a form for one more."""

import platform

from django.db import connection
from django.urls import reverse_lazy
from django.views.generic import CreateView

from .models import Entry

SHOWN = 50


def database_machine() -> str:
    """The architecture that the database server was built for, from what it says of itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT version()")
        (version,) = cursor.fetchone()
    # "PostgreSQL 15.8 (Debian …) on aarch64-unknown-linux-gnu, compiled by …"
    return version.partition(" on ")[2].partition("-")[0] or "unknown"


class LogbookView(CreateView):
    """Shows entries, newest first, and takes a new one."""

    model = Entry
    fields = ["author", "text"]
    template_name = "logbook/entries.html"
    success_url = reverse_lazy("logbook:entries")

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            entries=Entry.objects.all()[:SHOWN],
            web_machine=platform.machine(),
            database_machine=database_machine(),
            **kwargs,
        )
