"""What all tests share: a quiet, reproducible hypothesis."""

from hypothesis import HealthCheck, settings

# Compilation and a busy machine make single examples slow now and then; a deadline would only be noise.
settings.register_profile("accelsim", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.load_profile("accelsim")
