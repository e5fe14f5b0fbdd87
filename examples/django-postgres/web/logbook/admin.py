"""Entries in Django's admin."""

from django.contrib import admin

from .models import Entry


@admin.register(Entry)
class EntryAdmin(admin.ModelAdmin):
    """Lists entries by date; searches authors and texts."""

    list_display = ["author", "text", "written_at"]
    list_filter = ["author"]
    search_fields = ["author", "text"]
    date_hierarchy = "written_at"
    readonly_fields = ["written_at"]
