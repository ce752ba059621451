"""The packaged rules: one JSON file per country, ``WORLD.json`` for what holds everywhere."""
