"""Measuring: request bodies of every size, the service beside a floor and another framework, whole populations."""
