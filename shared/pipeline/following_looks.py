"""The looks that must follow a look: a second one, a retry, and those at what it decides about."""

from dataclasses import dataclass, replace

from shared.domain.resource_id import ResourceId
from shared.domain.root_state import RootState
from shared.domain.topology import CORE_SOURCES, ROOT_TYPES, Source
from shared.pipeline.messages import LookMessage, Trigger
from shared.pipeline.retries import to_try_again
from shared.ports import Clock, FindingStore, QueueName, WorkQueue


@dataclass(frozen=True, slots=True)
class FollowingLooks:
    """Queues them."""

    findings: FindingStore
    queue: WorkQueue
    clock: Clock

    async def ask_for_more(
        self, root: ResourceId, message: LookMessage, before: RootState, after: RootState
    ) -> None:
        """Queue what must follow.

        Before the commit, because a message that a commit covers is not looked at again.
        """
        now = self.clock.now()
        if after.second_look_at is not None and after.second_look_at != before.second_look_at:
            again = LookMessage(
                root.text,
                after.second_look_at,
                Trigger.SECOND_LOOK,
                message.change,
                after.second_look_sources,
            )
            delay = after.second_look_at - now
            await self.queue.put(QueueName.LOOKS, [again.encode()], delay=delay)
        if after.retry_at is not None and after.retry_at != before.retry_at:
            sources = to_try_again(after.unreadable, now)
            retry = LookMessage(root.text, after.retry_at, Trigger.RETRY, message.change, sources)
            delay = after.retry_at - now
            await self.queue.put(QueueName.LOOKS, [retry.encode()], delay=delay)
        # The digest of a baseline comes after a look at the subscription itself.
        came_or_went = before.version == 0 or before.gone is not after.gone
        if came_or_went:
            # The subscription may have been looked at since the message was accepted.
            seen_at = after.read_at.get(ROOT_TYPES[root.type.lower()], message.accepted_at)
            message = replace(message, accepted_at=max(seen_at, message.accepted_at))
        await self.tell_dependents(
            root, message, came_or_went=came_or_went and not message.baseline
        )

    async def tell_dependents(
        self, root: ResourceId, message: LookMessage, *, came_or_went: bool
    ) -> None:
        """Ask for a look at the roots that this one decides about.

        A hub decides about its projects, and that an account is there at all about its
        subscription.
        """
        sources = CORE_SOURCES[root.type.lower()]
        related: list[str] = []
        if Source.HUB in sources and message.trigger is Trigger.CHANGE:
            related += await self.findings.dependents(root.key)
        if Source.ACCOUNT in sources and came_or_went:
            related.append(root.ancestor(0).text)
        texts = [
            LookMessage(each, message.accepted_at, Trigger.RELATED, message.change).encode()
            for each in related
        ]
        if texts:
            await self.queue.put(QueueName.LOOKS, texts)
