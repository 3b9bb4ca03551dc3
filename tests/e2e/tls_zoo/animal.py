"""What stands beside each endpoint of the zoo: the verdicts that it must get."""
import dataclasses

STRONG = "ECDHE+AESGCM:ECDHE+CHACHA20"
EVERYTHING = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"
OLD = ("-cipher", "DEFAULT@SECLEVEL=0")


@dataclasses.dataclass
class Animal:
    """`verdicts`: a letter for each of run's CHECKS, `starttls` for each of its STARTTLS_CHECKS: P pass, F fail, U
    unknown, N not applicable, - no row. `declare` false: tom-agent has to find it by itself."""
    name: str
    port: int
    verdicts: str
    versions: str | None = None
    declare: bool = True
    says: str = ""
    endpoint: dict = dataclasses.field(default_factory=dict)
    starttls: str = "--"
    host: str = "127.0.0.1"
    also: dict = dataclasses.field(default_factory=dict)  # other check -> letter
