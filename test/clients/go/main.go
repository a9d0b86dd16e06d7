// Books a session, reads it back, and is refused when it books the same time again. Arguments: address, coach.
// Sends the token in TOKEN over TLS, and trusts the authority in the file CA_FILE.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	schedulerv1 "example.com/booking/aceup/scheduler/v1"
)

// bearer is a token, sent with every call.
type bearer string

func (token bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(token)}, nil
}

func (bearer) RequireTransportSecurity() bool { return true }

func main() {
	address, coach := os.Args[1], os.Args[2]
	tls, err := credentials.NewClientTLSFromFile(os.Getenv("CA_FILE"), "")
	if err != nil {
		log.Fatal(err)
	}
	token := grpc.WithPerRPCCredentials(bearer(os.Getenv("TOKEN")))
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(tls), token)
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()

	service := schedulerv1.NewSessionServiceClient(conn)
	wanted := &schedulerv1.ScheduleSessionRequest{Session: &schedulerv1.Session{
		CoachHashId:  coach,
		ClientHashId: "client-of-" + coach,
		Start:        timestamppb.New(time.Date(2030, 12, 1, 14, 30, 0, 0, time.UTC)),
		Duration:     60,
	}}

	booked, err := service.ScheduleSession(ctx, wanted)
	if err != nil {
		log.Fatal(err)
	}
	read, err := service.GetSession(ctx, &schedulerv1.GetSessionRequest{
		Id:               booked.Session.Id,
		ConsistencyToken: booked.ConsistencyToken,
	})
	if err != nil {
		log.Fatal(err)
	}
	if !proto.Equal(read.Session, booked.Session) || !proto.Equal(read.Session.Start, wanted.Session.Start) {
		log.Fatalf("booked %v, read %v", booked.Session, read.Session)
	}

	_, err = service.ScheduleSession(ctx, wanted)
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok && info.Reason == "COACH_OVERLAP" {
			fmt.Printf("booked %s, read it back; again: %s\n", booked.Session.Id, info.Reason)
			return
		}
	}
	log.Fatalf("the same time again: %v", err)
}
