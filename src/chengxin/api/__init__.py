"""The API: /api/v1, described by its own OpenAPI document (R-100, R-101). It calls the rooms below and holds no rules."""
