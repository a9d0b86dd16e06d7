import com.aceup.scheduler.v1.GetSessionRequest;
import com.aceup.scheduler.v1.ScheduleSessionRequest;
import com.aceup.scheduler.v1.Session;
import com.aceup.scheduler.v1.SessionServiceGrpc;
import com.google.protobuf.Timestamp;
import com.google.rpc.ErrorInfo;
import io.grpc.CallCredentials;
import io.grpc.CompositeChannelCredentials;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.protobuf.StatusProto;
import java.io.File;
import java.time.Instant;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Books a session, reads it back, and is refused when it books the same time again. Arguments: address, coach. Sends the
 * token in TOKEN over TLS, and trusts the authority in the file CA_FILE.
 */
public final class Book {
    public static void main(String[] args) throws Exception {
        var tls = TlsChannelCredentials.newBuilder().trustManager(new File(System.getenv("CA_FILE"))).build();
        var credentials = CompositeChannelCredentials.create(tls, new Bearer(System.getenv("TOKEN")));
        var channel = Grpc.newChannelBuilder(args[0], credentials).build();
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

    /** A token, sent with every call. */
    private static final class Bearer extends CallCredentials {
        private final Metadata headers = new Metadata();

        Bearer(String token) {
            headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
        }

        @Override
        public void applyRequestMetadata(RequestInfo call, Executor executor, MetadataApplier applier) {
            applier.apply(headers);
        }
    }
}
