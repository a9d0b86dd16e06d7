// Books a session, reads it back, and is refused when it books the same time again. Arguments: address, coach.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	schedulerv1 "example.com/booking/aceup/scheduler/v1"
)

func main() {
	address, coach := os.Args[1], os.Args[2]
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
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
