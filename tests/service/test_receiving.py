"""A body is received whole, once, and no further than its end; a client that stops loses only its own request."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from gunicorn.http.body import Body, ChunkedReader, EOFReader, LengthReader
from gunicorn.http.unreader import SocketUnreader

from service.receiving.body import WholeBody, in_one_piece

LARGE = bytes(range(256)) * 8192


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Client and server."""
    client, server = socket.socketpair()
    server.settimeout(10)
    with client, server:
        yield client, server


def body_on(server: socket.socket, length: int, came_with_the_headers: bytes = b"") -> WholeBody:
    unreader = SocketUnreader(server)
    if came_with_the_headers:
        unreader.unread(came_with_the_headers)
    body = in_one_piece(Body(LengthReader(unreader, length)))
    assert isinstance(body, WholeBody)
    return body


@pytest.mark.parametrize("early", [0, 1, 8000, len(LARGE) - 1, len(LARGE)])
def test_a_body_is_received_whole_however_much_of_it_came_with_the_headers(
    pair: tuple[socket.socket, socket.socket], early: int
) -> None:
    client, server = pair
    body = body_on(server, len(LARGE), LARGE[:early])
    sender = threading.Thread(target=client.sendall, args=(LARGE[early:],))
    sender.start()

    received = body.read_whole()
    sender.join()

    assert received == LARGE
    assert body.read(1024) == b"", "what was received is not waited for again"


def test_the_next_request_that_came_with_a_body_is_left_to_be_read(pair: tuple[socket.socket, socket.socket]) -> None:
    _, server = pair
    body = body_on(server, 4, b"bodyPOST /next")

    assert body.read_whole() == b"body"
    assert body.reader.unreader.take_buffered() == b"POST /next"


def test_no_more_is_received_than_the_body(pair: tuple[socket.socket, socket.socket]) -> None:
    client, server = pair
    client.sendall(b"bodyPOST /next")

    assert body_on(server, 4).read_whole() == b"body"
    assert server.recv(100) == b"POST /next"


def test_of_a_client_that_stops_there_is_what_it_sent(pair: tuple[socket.socket, socket.socket]) -> None:
    client, server = pair
    client.sendall(b"bo")
    client.close()
    body = body_on(server, 4)

    assert body.read_whole() == b"bo"
    assert not body.failed


def test_after_a_fault_no_other_request_is_read_from_the_connection(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    _, server = pair
    server.settimeout(0.01)
    body = body_on(server, 4, b"bo")

    with pytest.raises(TimeoutError):
        body.read_whole()

    assert body.failed


def test_an_empty_body_is_not_waited_for(pair: tuple[socket.socket, socket.socket]) -> None:
    _, server = pair

    assert body_on(server, 0).read_whole() == b""


@pytest.mark.parametrize("reader", [ChunkedReader, EOFReader])
def test_a_body_of_unknown_length_is_read_as_gunicorn_does(reader: type) -> None:
    body = Body(reader.__new__(reader))

    assert in_one_piece(body) is body
