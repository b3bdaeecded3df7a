"""The trail. Rows are only ever added; the database refuses to change or delete them (see the first migration)."""

from __future__ import annotations

from django.db import models


class Event(models.Model):
    """One act: who, what, to which thing, with what result (G-10, R-082)."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=150)
    action = models.CharField(max_length=60)
    kind = models.CharField(max_length=40)
    object = models.CharField(max_length=120)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["kind", "object"])]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.action} {self.kind} {self.object}"
