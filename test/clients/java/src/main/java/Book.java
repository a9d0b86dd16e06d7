import com.aceup.scheduler.v1.GetSessionRequest;
import com.aceup.scheduler.v1.ScheduleSessionRequest;
import com.aceup.scheduler.v1.Session;
import com.aceup.scheduler.v1.SessionServiceGrpc;
import com.google.protobuf.Timestamp;
import com.google.rpc.ErrorInfo;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** Books a session, reads it back, and is refused when it books the same time again. Arguments: address, coach. */
public final class Book {
    public static void main(String[] args) throws Exception {
        var channel = Grpc.newChannelBuilder(args[0], InsecureChannelCredentials.create()).build();
        try {
            var service = SessionServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
            var start = Instant.parse("2030-12-01T14:30:00Z");
            var wanted = Session.newBuilder()
                    .setCoachHashId(args[1])
                    .setClientHashId("client-of-" + args[1])
                    .setStart(Timestamp.newBuilder().setSeconds(start.getEpochSecond()))
                    .setDuration(60);
            var request = ScheduleSessionRequest.newBuilder().setSession(wanted).build();

            var booked = service.scheduleSession(request);
            var id = booked.getSession().getId();
            var read = service.getSession(GetSessionRequest.newBuilder()
                    .setId(id)
                    .setConsistencyToken(booked.getConsistencyToken())
                    .build());
            if (!read.getSession().equals(booked.getSession()) || !read.getSession().getStart().equals(wanted.getStart())) {
                throw new AssertionError("booked " + booked.getSession() + ", read " + read.getSession());
            }
            System.out.println("booked " + id + ", read it back; again: " + reasonOfRefusal(service, request));
        } finally {
            channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
        }
    }

    private static String reasonOfRefusal(
            SessionServiceGrpc.SessionServiceBlockingStub service, ScheduleSessionRequest request) throws Exception {
        try {
            service.scheduleSession(request);
        } catch (StatusRuntimeException error) {
            var reason = StatusProto.fromThrowable(error).getDetails(0).unpack(ErrorInfo.class).getReason();
            if (reason.equals("COACH_OVERLAP")) return reason;
            throw error;
        }
        throw new AssertionError("booked twice");
    }
}
