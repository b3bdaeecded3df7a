from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "chengxin.accounts"
    label = "accounts"
