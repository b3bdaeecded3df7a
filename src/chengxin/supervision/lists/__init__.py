"""Lists (名单): entries that go through the steps of their pack, and out again."""
