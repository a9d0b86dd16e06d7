"""Books a session, reads it back, watches it, and is refused when it books the same time again.

Arguments: address, coach.

Sends the token in TOKEN over TLS, and trusts the authority in the file CA_FILE.
"""

import os
import sys
from datetime import datetime, timezone

import grpc
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_status import rpc_status

from aceup.scheduler.v1 import session_pb2, session_service_pb2
from aceup.scheduler.v1.session_service_pb2_grpc import SessionServiceStub

address, coach = sys.argv[1:]

with open(os.environ["CA_FILE"], "rb") as file:
    tls = grpc.ssl_channel_credentials(file.read())
token = grpc.access_token_call_credentials(os.environ["TOKEN"])

with grpc.secure_channel(address, grpc.composite_channel_credentials(tls, token)) as channel:
    service = SessionServiceStub(channel)
    wanted = session_pb2.Session(coach_hash_id=coach, client_hash_id=f"client-of-{coach}", duration=60)
    wanted.start.FromDatetime(datetime(2030, 12, 1, 14, 30, tzinfo=timezone.utc))

    booked = service.ScheduleSession(session_service_pb2.ScheduleSessionRequest(session=wanted), timeout=10)
    read = service.GetSession(
        session_service_pb2.GetSessionRequest(id=booked.session.id, consistency_token=booked.consistency_token),
        timeout=10,
    )
    assert read.session == booked.session, (read.session, booked.session)
    assert read.session.start == wanted.start, read.session.start

    watched = session_service_pb2.WatchSessionsRequest(coach_hash_id=coach, after_position=0)
    messages = service.WatchSessions(watched, timeout=10)
    change = next(message.change for message in messages if message.HasField("change"))
    assert (change.type, change.session) == ("SessionScheduled", booked.session), change
    messages.cancel()

    try:
        service.ScheduleSession(session_service_pb2.ScheduleSessionRequest(session=wanted), timeout=10)
        raise AssertionError("booked twice")
    except grpc.RpcError as error:
        info = ErrorInfo()
        assert rpc_status.from_call(error).details[0].Unpack(info)
        assert info.reason == "COACH_OVERLAP", info.reason
        print(f"booked {booked.session.id}, read it back, watched it; again: {info.reason}")
