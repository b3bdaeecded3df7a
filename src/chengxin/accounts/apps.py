from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "chengxin.accounts"
    label = "accounts"

    def ready(self) -> None:
        from chengxin.accounts import checks, sessions  # noqa: F401  (they register themselves)
