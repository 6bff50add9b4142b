"""``LinkedList``, ``ArrayDeque`` and ``Stack``: lists that differ in which end is the first."""

from __future__ import annotations

from runtime.groovy.support.errors import EmptyStackException, NoSuchElementException
from runtime.groovy.support.tables import Table
from runtime.groovy.support.values import Queue, Stack, Value

QUEUE = Table()
STACK = Table()


@QUEUE.called("addLast", "offerLast")
def add_last(items: Queue, value: Value) -> None:
    items.append(value)


@QUEUE.called("offer")
def offer(items: Queue, value: Value) -> bool:
    items.append(value)
    return True


@QUEUE.called("addFirst", "push", "offerFirst")
def add_first(items: Queue, value: Value) -> None:
    items.insert(0, value)


@QUEUE.called("poll", "pollFirst")
def poll(items: Queue) -> Value:
    return items.pop(0) if items else None


@QUEUE.method
def poll_last(items: Queue) -> Value:
    return items.pop() if items else None


@QUEUE.called("peek", "peekFirst")
def peek(items: Queue) -> Value:
    return items[0] if items else None


@QUEUE.method
def peek_last(items: Queue) -> Value:
    return items[-1] if items else None


@QUEUE.called("removeFirst", "pop")
def remove_first(items: Queue) -> Value:
    if not items:
        raise NoSuchElementException(None)
    return items.pop(0)


@QUEUE.method
def remove_last(items: Queue) -> Value:
    if not items:
        raise NoSuchElementException(None)
    return items.pop()


@QUEUE.called("remove")
def remove(items: Queue, *value: Value) -> Value:
    from runtime.groovy.support.containers import LIST

    return LIST.methods["remove"](items, *value) if value else remove_first(items)


@QUEUE.called("getFirst", "element")
def get_first(items: Queue) -> Value:
    if not items:
        raise NoSuchElementException(None)
    return items[0]


@QUEUE.method
def get_last(items: Queue) -> Value:
    if not items:
        raise NoSuchElementException(None)
    return items[-1]


@STACK.called("push")
def push(items: Stack, value: Value) -> Value:
    items.append(value)
    return value


@STACK.called("pop")
def pop(items: Stack) -> Value:
    if not items:
        raise EmptyStackException(None)
    return items.pop()


@STACK.called("peek")
def peek_stack(items: Stack) -> Value:
    if not items:
        raise EmptyStackException(None)
    return items[-1]


@STACK.called("empty")
def empty(items: Stack) -> bool:
    return not items
