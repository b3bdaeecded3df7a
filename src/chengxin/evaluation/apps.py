from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "chengxin.evaluation"
    label = "evaluation"
