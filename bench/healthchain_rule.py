"""HealthChain with a small rule, as its documentation shows it: prefetch becomes FHIR models, a handler gives cards.

Runs with the Python of its own environment (`bench/servers.py` makes it), so it imports nothing of ours.
"""

import logging
import sys

import uvicorn
from healthchain.gateway import CDSHooksService, HealthChainAPI
from healthchain.io import CdsFhirAdapter
from healthchain.models.requests.cdsrequest import CDSRequest
from healthchain.models.responses.cdsresponse import Card, CDSResponse

_TUMOUR = {"1255047003", "255046005", "785767007", "C7A.010", "C7A.8"}
_CHROMOGRANIN_A = {"9811-1", "25587-7", "30169-7"}

hooks = CDSHooksService()


@hooks.hook("patient-view", id="net-patient-view")
def chromogranin_a_is_missing(request: CDSRequest) -> CDSResponse:
    held = CdsFhirAdapter().parse(request).fhir.prefetch_resources
    has_tumour = not _codes(held["conditions"]).isdisjoint(_TUMOUR)
    is_known = not _codes(held["observations"]).isdisjoint(_CHROMOGRANIN_A)
    said = "Chromogranin A is on record." if is_known else "Chromogranin A is not on record."
    card = Card(summary=said, indicator="info", source={"label": "A small rule"})
    return CDSResponse(cards=[card] if has_tumour or is_known else [])


def _codes(bundle):
    resources = [entry.resource for entry in bundle.entry or ()]
    return {coding.code for r in resources if r.code is not None for coding in r.code.coding or ()}


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    app = HealthChainAPI()
    app.register_service(hooks)
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error", access_log=False)
