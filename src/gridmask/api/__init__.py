"""The HTTP door: REST, the stream of masks, health and metrics. It translates; what is done is decided in the use cases."""
