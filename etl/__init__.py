"""The driver's side: configuration, tables, stages, pipeline, tracking, views, command line."""
