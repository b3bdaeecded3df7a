"""Organisations, people and the keys of programs (R-024, R-077)."""

from __future__ import annotations

from datetime import date, datetime

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from chengxin.accounts.telephones import kept_code, opened


class Kind(models.TextChoices):
    """What an organisation is to the platform."""

    CENTRE = "centre", _("信用信息中心")
    DEPARTMENT = "department", _("行政部门")
    SOURCE = "source", _("信源单位")
    SUBJECT = "subject", _("信用主体")
    BANK = "bank", _("金融机构")
    SERVICE = "service", _("信用服务机构")
    NODE = "node", _("其他平台")


class Organisation(models.Model):
    """A body that takes part: the centre (公共信用信息中心), a department, a source unit (信源单位), a subject, a bank.

    The id of a source unit is its agency id in the policy pack, which is the authority on names and on what it may
    submit. `parent` is the unit above it: the county's bureau stands under the city's, that under the province's.
    """

    id = models.SlugField(primary_key=True, max_length=64)
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=64, blank=True)
    """The unified social credit code; of a natural person the keyed hash (`accounts.persons`)."""
    region = models.CharField(max_length=6, blank=True)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.SOURCE)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="units")

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A person who signs in. Rights come from memberships only; Django's own permissions are not used."""

    display_name = models.CharField(max_length=60, blank=True)
    person = models.CharField(max_length=64, blank=True, default="", db_index=True)
    """The same for all accounts of one person, as far as the real-name provider can tell; never a name or a number."""

    def __str__(self) -> str:
        return self.display_name or self.username


class Role(models.TextChoices):
    """What a person does in an organisation."""

    REPORTER = "reporter", _("信息管理员（报送）")
    AUDITOR = "auditor", _("审核员")
    STEWARD = "steward", _("数据管理员")
    OPERATOR = "operator", _("系统管理员")
    SECURITY = "security", _("安全管理员")
    AUDIT = "audit", _("审计管理员")
    FIRST_REVIEWER = "first_reviewer", _("初审员")
    SECOND_REVIEWER = "second_reviewer", _("复审员")
    PUBLISHER = "publisher", _("发布员")
    INSPECTOR = "inspector", _("检查人员")
    REPRESENTATIVE = "representative", _("信用主体代表")
    AGENT = "agent", _("受托代理人")
    BANK_OFFICER = "bank_officer", _("金融机构经办人")


ADMINISTRATORS = (Role.OPERATOR, Role.SECURITY, Role.AUDIT)
"""三员 (GB/T 22239, domain.md 8.1): nobody holds two of them; the database itself refuses it."""
CITIZENS = (Role.REPRESENTATIVE, Role.AGENT)
"""Roles that speak for a subject; all others are staff."""


class Matter(models.TextChoices):
    """What a mandate may cover beside the procedures of the packs; `cases.mandates.matters` is the whole list."""

    LOOK = "look", _("查看信用记录")
    STATEMENT = "statement", _("对名单告知陈述申辩")
    REPORT = "report", _("取用信用报告")
    AUTHORISE = "authorise", _("授权其他单位查询")


class Membership(models.Model):
    """A role of a person in an organisation, for good or for a term; a mandate may be limited to some matters (`scope`)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    scope = models.JSONField(default=list, blank=True)
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "organisation", "role"], name="one_membership"),
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(role__in=("operator", "security", "audit")),
                name="one_administrator",
            ),
        ]

    def in_force(self, day: date) -> bool:
        """Whether the role counts on `day`; both ends are included."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def __str__(self) -> str:
        return f"{self.user} · {self.organisation} · {self.get_role_display()}"


class KeyState(models.TextChoices):
    """Whether a key still works, and if not, why; who it acts for may be suspended, which is told apart."""

    VALID = "valid", _("有效")
    SUSPENDED = "suspended", _("人员已停用")
    EXPIRED = "expired", _("已过期")
    REVOKED = "revoked", _("已吊销")

    @property
    def revocable(self) -> bool:
        """Whether there is something to revoke: the key of a suspended person works again when they come back."""
        return self in (KeyState.VALID, KeyState.SUSPENDED)


class Keys(models.QuerySet["ApiKey"]):
    """Sets of keys by the same words as `ApiKey.state`."""

    def in_state(self, state: KeyState, now: datetime) -> Keys:
        """The keys of which `state(now)` says this."""
        if state is KeyState.REVOKED:
            return self.exclude(revoked_at=None)
        if state is KeyState.EXPIRED:
            return self.filter(revoked_at=None, expires_at__lte=now)
        active = state is KeyState.VALID
        return self.filter(revoked_at=None, expires_at__gt=now, user__is_active=active)


class ApiKey(models.Model):
    """The key of a program that acts for a person; only its digest is kept, so a lost key cannot be read back.

    Empty lists limit nothing: `scopes` are operations of the API, `items` of the catalogue, `addresses` networks. With
    `signing` every request must be signed (`request_signing`); `public` is the client's SM2 key.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    label = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    scopes = models.JSONField(default=list, blank=True)
    items = models.JSONField(default=list, blank=True)
    addresses = models.JSONField(default=list, blank=True)
    signing = models.CharField(max_length=10, blank=True, default="")
    public = models.BinaryField(null=True, blank=True)

    objects = Keys.as_manager()

    def __str__(self) -> str:
        return f"{self.label} ({self.prefix}…)"

    def state(self, now: datetime) -> KeyState:
        """Whether the key works at that moment, and if not, why; what cannot be undone before what can."""
        if self.revoked_at is not None:
            return KeyState.REVOKED
        if self.expires_at <= now:
            return KeyState.EXPIRED
        return KeyState.VALID if self.user.is_active else KeyState.SUSPENDED


class Telephone(TOTPDevice):
    """A telephone that shows codes (RFC 6238); its secret is kept sealed (`telephones`), in django-otp's own column."""

    class Meta:
        proxy = True

    @property
    def bin_key(self) -> bytes:
        """The secret. Raises `SealError`."""
        return opened(self.key, self.user_id)


class Spare(StaticDevice):
    """The recovery codes of a person, each good once and none readable from the database (`telephones.kept_code`)."""

    class Meta:
        proxy = True

    def verify_token(self, token: str) -> bool:
        return bool(super().verify_token(kept_code(token, self.user_id)))


class UsedNonce(models.Model):
    """A number that a signed request has used up; forgotten once its moment alone would be refused."""

    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE)
    nonce = models.CharField(max_length=64)
    at = models.BigIntegerField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "nonce"], name="used_once")]

    def __str__(self) -> str:
        return self.nonce


class OldPassword(models.Model):
    """The hash of a password that a person had."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="old_passwords")
    password = models.CharField(max_length=128)

    def __str__(self) -> str:
        return f"{self.user_id}"


class Authorisation(models.Model):
    """A subject's leave for somebody to see what is not public about it (信息查询授权; R-094, R-105, G-09).

    Empty `items` and `fields` are all of them. `single` is used up by one query. Revoking works at once.
    """

    number = models.CharField(max_length=20, unique=True)
    subject = models.CharField(max_length=64, db_index=True)
    grantee = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="authorisations")
    purpose = models.CharField(max_length=200)
    items = models.JSONField(default=list, blank=True)
    fields = models.JSONField(default=list, blank=True)
    since = models.DateField()
    until = models.DateField()
    single = models.BooleanField(default=False)
    proof = models.CharField(max_length=64)
    given_by = models.CharField(max_length=150)
    given_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.number

    def in_force(self, day: date) -> bool:
        """Whether it allows a query on `day`: not revoked, in its term, and not used up."""
        spent = self.single and self.used_at is not None
        return self.revoked_at is None and not spent and self.since <= day <= self.until
