"""`chengxin user`, `key` and `org`: who may sign in, in which role of which unit, and their programs' keys (R-024, G-20)."""

from __future__ import annotations

import base64
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from chengxin.cli.common import need_store, out, print_json, refuse, setup, system_user

if TYPE_CHECKING:
    from chengxin.accounts.models import ApiKey, Role, User

people = typer.Typer(help="People: who may sign in, and in which roles.", no_args_is_help=True)
keys = typer.Typer(help="Keys of the programs that act for people.", no_args_is_help=True)
Username = Annotated[str, typer.Argument(help="登录名")]
Json = Annotated[bool, typer.Option("--json")]


@people.command("add")
def add(
    username: Username,
    role: Annotated[
        list[str], typer.Option(help="单位编号:角色，可以写几次，例如 water:reporter、water:auditor、centre:steward")
    ],
    display: Annotated[str, typer.Option(help="姓名")] = "",
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="从标准输入读密码，不询问")] = False,
    no_password: Annotated[bool, typer.Option("--no-password", help="不设密码：只用密钥，或者保留原来的密码")] = False,
) -> None:
    """Create a person, or give an existing one exactly these roles; asks for a password where there is none yet."""
    _ready()
    from django.db import transaction

    from chengxin.accounts.actions import make_user
    from chengxin.accounts.administering import no_way_in
    from chengxin.accounts.models import User
    from chengxin.accounts.refusals import Refusal
    from chengxin.audit.actions import record as trace

    roles = [_role(text) for text in role]
    try:
        known = User.objects.filter(username=username).first()
        if known is not None and not no_password:
            no_way_in(known)
        password = None if no_password else _password(username, password_stdin)
        with transaction.atomic():
            user = make_user(username, display or username, password, roles)
            trace(system_user(), "person.set", "person", user.pk, roles=role)
    except Refusal as refusal:
        refuse(str(refusal))
    out.print(f"✓ {username}：{'、'.join(role)}", highlight=False)


@people.command("list")
def list_people(json: Json = False) -> None:
    """Everybody with their roles and the keys that still work."""
    _ready()
    from django.utils import timezone

    from chengxin.accounts.models import KeyState, User

    now = timezone.now()
    rows: list[dict[str, Any]] = [
        {
            "username": user.username, "name": user.display_name, "active": user.is_active,
            "roles": sorted(f"{m.organisation_id}:{m.role}" for m in user.memberships.all()),
            "keys": [_told(k, now) for k in user.api_keys.all() if k.state(now) is KeyState.VALID],
        }
        for user in User.objects.order_by("username").prefetch_related("memberships", "api_keys__user")
    ]  # fmt: skip
    if json:
        print_json({"people": rows})
        return
    table = Table("登录名", "姓名", "角色", "状态", "密钥", box=None, pad_edge=False, padding=(0, 2))
    for r in rows:
        valid = "、".join(f"{k['prefix']} {k['label']}（至 {k['until']}）" for k in r["keys"])
        table.add_row(r["username"], r["name"], "、".join(r["roles"]), "正常" if r["active"] else "停用", valid)
    out.print(table)


@keys.command("list")
def list_keys(
    username: Annotated[str | None, typer.Argument(help="登录名；不写就是所有人的")] = None, json: Json = False
) -> None:
    """Every key, those that work no more as well, by whom it acts for; the keys themselves cannot be read back."""
    _ready()
    from django.utils import timezone

    from chengxin.accounts.models import ApiKey

    now = timezone.now()
    found = ApiKey.objects.select_related("user").order_by("user__username", "pk")
    found = found.filter(user=_user(username)) if username else found
    rows = [_told(k, now) | {"username": k.user.username} for k in found]
    if json:
        print_json({"keys": rows})
        return
    table = Table("登录名", "密钥", "用在哪里", "状态", "有效期至", box=None, pad_edge=False, padding=(0, 2))
    for r in rows:
        table.add_row(r["username"], r["prefix"], r["label"], r["state_label"], r["until"])
    out.print(table)


def _told(key: ApiKey, now: datetime) -> dict[str, Any]:
    """What may be told of a key: everything but the key."""
    from django.utils import timezone

    state = key.state(now)
    return {
        "prefix": key.prefix, "label": key.label, "state": state.value, "state_label": str(state.label),
        "until": timezone.localdate(key.expires_at).isoformat(), "scopes": key.scopes, "items": key.items,
        "addresses": key.addresses, "signing": key.signing,
    }  # fmt: skip


@people.command("suspend")
def suspend(
    username: Username, resume: Annotated[bool, typer.Option("--resume", help="恢复已停用的人员")] = False
) -> None:
    """Suspend a person: every session ends, and none of their keys works any more; what they did stays theirs."""
    _ready()
    from django.db import transaction

    from chengxin.accounts.actors import operator
    from chengxin.accounts.administering import NotForOneself, set_active
    from chengxin.audit.actions import record as trace

    user = _user(username)
    with transaction.atomic():
        try:
            set_active(operator(system_user()), user, resume)
        except NotForOneself as refusal:
            refuse(str(refusal))
        trace(system_user(), "person.resume" if resume else "person.suspend", "person", user.pk)
    out.print(f"✓ {username}：{'已恢复' if resume else '已停用'}", highlight=False)


@keys.command("make")
def key(
    username: Username,
    label: Annotated[str, typer.Option(help="用在哪个系统")],
    days: Annotated[int | None, typer.Option(min=1, help="有效天数；不写的，按政策包（sign-in）")] = None,
    scope: Annotated[list[str] | None, typer.Option(help="只能用于这个接口（operationId），可以写几次")] = None,
    item: Annotated[list[str] | None, typer.Option(help="只能用于这个目录项，可以写几次")] = None,
    address: Annotated[list[str] | None, typer.Option(help="只能从这个地址或网段使用，可以写几次")] = None,
    signing: Annotated[str, typer.Option(help="每个请求都要签名：HMAC-SM3 或 SM2-SM3")] = "",
    public: Annotated[str, typer.Option(help="SM2 公钥（SubjectPublicKeyInfo，base64）")] = "",
) -> None:
    """Make a key for a program that acts for this person; it is printed once and cannot be read back."""
    _ready()
    from django.db import transaction

    from chengxin.accounts.actions import Limits
    from chengxin.accounts.actors import operator
    from chengxin.accounts.administering import make_key
    from chengxin.accounts.refusals import Refusal
    from chengxin.audit.actions import record as trace

    user = _user(username)
    try:
        theirs = base64.b64decode(public, validate=True) if public else None
        limits = Limits(tuple(scope or ()), tuple(item or ()), tuple(address or ()), signing, theirs)
    except ValueError as error:
        refuse(f"密钥的限制读不懂：{error}")
    with transaction.atomic():
        try:
            made = make_key(operator(system_user()), user, label, days, limits)
        except Refusal as refusal:
            refuse(str(refusal))
        trace(
            system_user(), "key.make", "person", user.pk, label=label, prefix=made.partition(".")[0],
            scopes=list(limits.scopes), addresses=list(limits.addresses), signing=signing,
        )  # fmt: skip
    sys.stdout.write(made + "\n")


@keys.command("revoke")
def revoke(prefix: Annotated[str, typer.Argument(help="密钥的前 12 位（list 里能看到）")]) -> None:
    """Revoke a key; it stops working at once."""
    _ready()
    from django.db import transaction

    from chengxin.accounts.actions import revoke_api_key
    from chengxin.audit.actions import record as trace

    with transaction.atomic():
        found = revoke_api_key(prefix.partition(".")[0])
        if found is None:
            refuse(f"没有前缀为 {prefix} 的有效密钥。")
        trace(system_user(), "key.revoke", "person", found.user_id, prefix=found.prefix)
    out.print(f"✓ 密钥 {found.prefix} 已吊销", highlight=False)


org = typer.Typer(help="Organisations that are no source unit of the packs: subjects, banks, service agencies, nodes.",
                  no_args_is_help=True)  # fmt: skip


@org.command("set")
def set_unit(
    number: Annotated[str, typer.Argument(help="单位编号（小写字母、数字和连字符）")],
    name: Annotated[str, typer.Option(help="名称")],
    kind: Annotated[str, typer.Option(help="centre、department、source、subject、bank、service 或 node")],
    name_en: Annotated[str | None, typer.Option(help="英文名称")] = None,
    code: Annotated[str | None, typer.Option(help="统一社会信用代码")] = None,
    region: Annotated[str | None, typer.Option(help="行政区划代码")] = None,
    parent: Annotated[str | None, typer.Option(help="上级单位的编号；空的表示没有上级")] = None,
) -> None:
    """Register an organisation, or change one; what is not given stays, what the packs say of source units comes again."""
    _ready()
    from django.core.exceptions import ValidationError
    from django.db import transaction

    from chengxin.accounts.administering import set_organisation
    from chengxin.accounts.refusals import Refusal
    from chengxin.audit.actions import record as trace

    told: dict[str, object] = {"name": name, "kind": kind, "name_en": name_en, "code": code, "region": region}
    told = {column: value for column, value in told.items() if value is not None}
    if parent is not None:
        told["parent_id"] = parent or None
    try:
        with transaction.atomic():
            unit = set_organisation(number, **told)
            trace(
                system_user(), "organisation.set", "organisation", number, category=unit.kind,
                parent=unit.parent_id or "", region=unit.region,
            )  # fmt: skip
    except ValidationError as error:
        refuse(f"{number} 不合要求：{'；'.join(f'{k} {v[0]}' for k, v in error.message_dict.items())}")
    except Refusal as refusal:
        refuse(str(refusal))
    out.print(f"✓ {number}：{name}（{unit.get_kind_display()}）", highlight=False)


@org.command("list")
def list_organisations() -> None:
    """Every organisation with its kind and the one above it."""
    _ready()
    from chengxin.accounts.models import Organisation

    table = Table("编号", "名称", "类别", "上级", "代码", box=None, pad_edge=False, padding=(0, 2))
    for unit in Organisation.objects.order_by("kind", "pk"):
        table.add_row(unit.pk, unit.name, str(unit.get_kind_display()), unit.parent_id or "", unit.code)
    out.print(table)


def _ready() -> None:
    setup()
    need_store()


def _role(text: str) -> tuple[str, Role]:
    from chengxin.accounts.models import Organisation, Role

    unit, _, name = text.partition(":")
    if name not in Role.values:
        refuse(f"「{text}」读不懂：应写成 单位编号:角色，角色有 {'、'.join(Role.values)}。")
    if not Organisation.objects.filter(pk=unit).exists():
        refuse(f"没有登记「{unit}」这个单位；现有：{'、'.join(Organisation.objects.values_list('pk', flat=True))}。")
    return unit, Role(name)


def _user(username: str) -> User:
    from chengxin.accounts.models import User

    found = User.objects.filter(username=username).first()
    if found is None:
        refuse(f"没有登录名为 {username} 的人员。")
    return found


def _password(username: str, from_stdin: bool) -> str:
    """A password that Django's validators accept; why not, where they do not."""
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    given = (
        sys.stdin.readline().rstrip("\r\n")
        if from_stdin
        else typer.prompt("密码", hide_input=True, confirmation_prompt=True)
    )
    try:
        validate_password(given)
    except ValidationError as error:
        refuse(f"{username} 的密码不合要求：{' '.join(error.messages)}")
    return str(given)
