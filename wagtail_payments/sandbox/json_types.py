"""The two shapes of data in the sandbox: an object in Stripe's form, and decoded parameters."""

from typing import Any

Json = dict[str, Any]
Params = dict[str, Any]
