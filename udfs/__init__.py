"""The worker's side: everything that runs inside a Python worker. It never imports `etl`."""
