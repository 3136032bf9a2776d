"""All the mutants."""

from tests.mutations.allowing import ALLOWING
from tests.mutations.authorising import AUTHORISING
from tests.mutations.deciding import DECIDING
from tests.mutations.delivering import DELIVERING
from tests.mutations.knowing import KNOWING
from tests.mutations.operating import OPERATING
from tests.mutations.reporting import REPORTING
from tests.mutations.resting import RESTING
from tests.mutations.reviewing import REVIEWING
from tests.mutations.storing import STORING
from tests.mutations.submitting import SUBMITTING

MUTANTS = (
    *STORING,
    *KNOWING,
    *DECIDING,
    *SUBMITTING,
    *DELIVERING,
    *REPORTING,
    *ALLOWING,
    *REVIEWING,
    *AUTHORISING,
    *RESTING,
    *OPERATING,
)
