"""The process: settings, client, workers, in the order it comes up."""
