from django.apps import AppConfig


class CollectionConfig(AppConfig):
    name = "chengxin.collection"
    label = "collection"
