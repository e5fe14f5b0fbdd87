"""The log of a ship."""

from django.db import models


class Entry(models.Model):
    """What somebody on board noted."""

    author = models.CharField(max_length=80)
    text = models.TextField(max_length=2000)
    written_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        ordering = ["-written_at", "-id"]
        verbose_name_plural = "entries"

    def __str__(self) -> str:
        return f"{self.author}, {self.written_at:%d %B %Y %H:%M}"
