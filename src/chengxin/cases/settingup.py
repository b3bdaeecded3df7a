"""Where receivers can be reached: set by the operator of this installation."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from chengxin.audit.actions import record as trace
from chengxin.cases import fanout
from chengxin.cases.errors import CaseRefused
from chengxin.cases.models import Receiver


def set_receiver(
    actor: str, id: str, *, folder: Path | None = None, url: str = "", paused: bool | None = None
) -> Receiver:
    """Change what is given and leave the rest; raises `CaseRefused` for a receiver that the packs do not know."""
    if id not in fanout.declared():
        known = "、".join(sorted(fanout.declared())) or "—"
        raise CaseRefused(_("没有「%(id)s」这个接收方；有：%(known)s。"), id=id, known=known)
    if url and not url.startswith(("http://", "https://")):
        raise CaseRefused(_("地址写的是「%(url)s」，应以 http:// 或 https:// 开头。"), url=url)
    with transaction.atomic():
        receiver, _made = Receiver.objects.select_for_update().get_or_create(pk=id)
        if folder is not None:
            receiver.channel, receiver.address = "folder", str(folder)
        if url:
            receiver.channel, receiver.address = "http", url
        if paused is not None:
            receiver.paused = paused
        receiver.save()
        if folder is not None or url or paused is not None:
            trace(actor, "receiver.set", "receiver", id, channel=receiver.channel, paused=receiver.paused)
    return receiver
