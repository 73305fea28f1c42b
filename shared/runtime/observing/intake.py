"""Taking in events, watched. Apart from the other use cases, which an event does not wait for."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.pipeline.receive import Intake, Receipt
from shared.pipeline.sayable import of_message
from shared.ports import Measure, Observer


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedIntake(Intake):
    """Events are counted by what became of them."""

    observer: Observer

    async def receive(self, payloads: Iterable[object]) -> Receipt:
        """Sort inputs and set aside what is malformed; the caller queues the messages.

        Raises:
            PortError: as the intake.
        """
        with self.observer.span("receive") as span:
            # Not super(): a dataclass with slots is another class than the one written here.
            receipt = await Intake.receive(self, payloads)
            if len(receipt.messages) == 1:
                # An event comes alone; those of a batch are told by their looks.
                span.note(**of_message(receipt.messages[0]))
        counts = {
            "change": len(receipt.messages),
            "ignored": receipt.ignored.total(),
            "malformed": len(receipt.malformed),
        }
        for outcome, number in counts.items():
            if number:
                self.observer.count(Measure.EVENTS, number, outcome=outcome)
        return receipt
