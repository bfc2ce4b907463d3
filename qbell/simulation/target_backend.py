"""A backend that is nothing but a target: it compiles circuits and carries noise."""

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qiskit.transpiler import Target


def target_backend(target: "Target", name: str, version: str | None = None) -> Any:
    """A BackendV2 with this target, which runs nothing."""
    return _class()(target, name, version)


@cache
def _class() -> Any:
    """Made at the first call: only then is Qiskit imported."""
    from qiskit.providers import BackendV2, Options

    class TargetBackend(BackendV2):  # type: ignore[misc]
        """Compiles circuits and carries noise, and runs nothing."""

        def __init__(self, target: Any, name: str, version: str | None) -> None:
            super().__init__(name=name, backend_version=version)
            self._target = target

        @property
        def target(self) -> Any:
            return self._target

        @property
        def max_circuits(self) -> None:
            return None

        @classmethod
        def _default_options(cls) -> Options:
            return Options()

        def run(self, run_input: Any, **options: Any) -> Any:
            raise NotImplementedError(f"{self.name} runs nothing; simulate its noise")

    return TargetBackend
