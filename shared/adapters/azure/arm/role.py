"""What the monitor's identity must be allowed in ARM: the actions of its role.

Resource Graph shows its reader what he may read; the query itself is one more action, which the
roles of many products carry ("Submits a query on resources", Azure permissions for Management and
governance, Microsoft Learn).
"""

from shared.adapters.azure.arm.resource_graph import PERMISSION
from shared.adapters.azure.arm.sources import every_way

ACTIONS: tuple[str, ...] = tuple(sorted({PERMISSION, *(way.permission for way in every_way())}))
"""Every ARM action, sorted; all of them read, and none reads a key."""
