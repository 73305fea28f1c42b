"""The use cases of the app's functions, watched: looking, and telling sinks."""

from collections import Counter
from dataclasses import dataclass

from shared.pipeline.alert_rounds import AlertRounds
from shared.pipeline.deliver import Delivered
from shared.pipeline.look import LookReport
from shared.pipeline.messages import LookMessage
from shared.pipeline.sayable import of_message
from shared.pipeline.work import Look
from shared.ports import Clock, Measure, Observer, QueueName


@dataclass(frozen=True, slots=True)
class ObservedLook:
    """A look at the root of a message of one queue."""

    look: Look
    queue: QueueName
    clock: Clock
    observer: Observer

    async def __call__(self, message: LookMessage) -> LookReport:
        """Look.

        Raises:
            PortError: as the look.
        """
        age = (self.clock.now() - message.accepted_at).total_seconds()
        if age >= 0:
            # A second look is accepted, as it were, when it is due; who comes early waits for none.
            self.observer.record(Measure.QUEUE_AGE, age, queue=self.queue.value)
        with self.observer.span("look", **of_message(message)) as span:
            report = await self.look(message)
            kinds = Counter(each.kind.value for each in report.transitions)
            span.note(
                status=report.status.value,
                sources_read=report.sources_read,
                unread=len(report.problems),
                alerts=sum(each.alerts for each in report.transitions),
                **{f"transitions_{kind}": number for kind, number in kinds.items()},
            )
        told = {"status": report.status.value, "trigger": message.trigger.value}
        self.observer.count(Measure.LOOKS, **told)
        for cause, number in Counter(each.cause.value for each in report.problems).items():
            self.observer.count(Measure.UNREAD, number, cause=cause)
        return report


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedRounds(AlertRounds):
    """Rounds of telling the sinks."""

    observer: Observer

    async def run(self) -> Delivered:
        """Tell the sinks what they take now; whatever the poke says, all of them.

        Raises:
            PortError: as the rounds.
        """
        with self.observer.span("deliver") as span:
            done = await AlertRounds.run(self)
            span.note(told=done.told, parked=done.parked)
        return done
