"""Reminders and warnings, and whom they are told."""

from __future__ import annotations

from django.db import models


class Alert(models.Model):
    """One reminder or warning, kept once per rule, subject and cause.

    `whom` is the subject's code; where `subject` is empty, the industry's, or the model whose results wait to be verified.
    """

    rule = models.CharField(max_length=60)
    version = models.CharField(max_length=20)
    subject = models.ForeignKey(
        "registry.Subject", on_delete=models.CASCADE, related_name="+", null=True, blank=True, db_constraint=False
    )
    whom = models.CharField(max_length=64)
    cause = models.CharField(max_length=120)
    text = models.TextField()
    text_en = models.TextField()
    found_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "whom", "cause"], name="alert_once")]
        indexes = [models.Index(fields=["subject"], name="alert_by_subject")]

    def __str__(self) -> str:
        return f"{self.rule} {self.cause}"


class AlertCopy(models.Model):
    """One addressee of an alert: the subject itself, a department (agency id), or a city (four-digit division)."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="copies")
    receiver = models.CharField(max_length=10)
    to = models.CharField(max_length=64)
    seen_on = models.DateField(null=True, blank=True)
    seen_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alert", "receiver"], name="one_copy_each")]
        indexes = [models.Index(fields=["receiver", "to"], name="copy_by_receiver")]

    def __str__(self) -> str:
        return f"{self.alert_id} → {self.receiver} {self.to}"
