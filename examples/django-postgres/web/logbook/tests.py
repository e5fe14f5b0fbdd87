"""Tests of the logbook; `manage.py test` runs them against a database of their own."""

from django.test import TestCase

from .models import Entry


class LogbookPage(TestCase):
    url = "/"

    def test_written_entry_is_shown_newest_first(self):
        Entry.objects.create(author="Mate", text="Wind from the east")
        response = self.client.post(self.url, {"author": "Pilot", "text": "Land in sight"}, follow=True)
        self.assertRedirects(response, self.url)
        self.assertEqual([entry.author for entry in response.context["entries"]], ["Pilot", "Mate"])
        self.assertContains(response, "Land in sight")

    def test_entry_without_text_is_refused(self):
        response = self.client.post(self.url, {"author": "Pilot", "text": ""})
        self.assertContains(response, "This field is required")
        self.assertFalse(Entry.objects.exists())

    def test_markup_is_shown_as_text(self):
        Entry.objects.create(author="Mate", text="<script>alert(1)</script>")
        self.assertContains(self.client.get(self.url), "&lt;script&gt;alert(1)&lt;/script&gt;")
