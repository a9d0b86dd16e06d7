import type { DescMessage, Message } from "@bufbuild/protobuf";
import { AddTimeOffRequestSchema, AddTimeOffResponseSchema, DeleteAvailabilityRequestSchema, DeleteAvailabilityResponseSchema, DeleteBookingPolicyRequestSchema, DeleteBookingPolicyResponseSchema, ExplainSlotRequestSchema, ExplainSlotResponseSchema, FindSlotsOfCoachesRequestSchema, FindSlotsOfCoachesResponseSchema, FindSlotsRequestSchema, FindSlotsResponseSchema, GetAvailabilityRequestSchema, GetBookingPolicyRequestSchema, GetTimeOffRequestSchema, GetTimeOffResponseSchema, ListTimeOffRequestSchema, ListTimeOffResponseSchema, RemoveTimeOffRequestSchema, RemoveTimeOffResponseSchema, SetAvailabilityRequestSchema, SetBookingPolicyRequestSchema, SimulatePolicyRequestSchema, SimulatePolicyResponseSchema, SyncTimeOffRequestSchema, SyncTimeOffResponseSchema } from "./aceup/scheduler/v1/availability_service_pb.js";
import { readAddTimeOffRequest, readDeleteAvailabilityRequest, readDeleteBookingPolicyRequest, readExplainSlotRequest, readFindSlotsOfCoachesRequest, readFindSlotsRequest, readGetAvailabilityRequest, readGetBookingPolicyRequest, readGetTimeOffRequest, readListTimeOffRequest, readRemoveTimeOffRequest, readSetAvailabilityRequest, readSetBookingPolicyRequest, readSimulatePolicyRequest, readSyncTimeOffRequest, writeAddTimeOffResponse, writeDeleteAvailabilityResponse, writeDeleteBookingPolicyResponse, writeExplainSlotResponse, writeFindSlotsOfCoachesResponse, writeFindSlotsResponse, writeGetTimeOffResponse, writeListTimeOffResponse, writeRemoveTimeOffResponse, writeSimulatePolicyResponse, writeSyncTimeOffResponse } from "./aceup/scheduler/v1/availability_service_json.js";
import { CancelSeriesRequestSchema, CancelSeriesResponseSchema, CancelSessionRequestSchema, CancelSessionResponseSchema, CompleteSessionRequestSchema, CompleteSessionResponseSchema, ConfirmHoldRequestSchema, ConfirmHoldResponseSchema, CorrectOutcomeRequestSchema, CorrectOutcomeResponseSchema, GetHoldRequestSchema, GetHoldResponseSchema, GetSeriesRequestSchema, GetSeriesResponseSchema, GetSessionHistoryRequestSchema, GetSessionHistoryResponseSchema, GetSessionRequestSchema, GetSessionResponseSchema, HoldSlotRequestSchema, HoldSlotResponseSchema, ListHoldsRequestSchema, ListHoldsResponseSchema, ListSeriesRequestSchema, ListSeriesResponseSchema, ListSessionsRequestSchema, ListSessionsResponseSchema, MarkNoShowRequestSchema, MarkNoShowResponseSchema, ReleaseHoldRequestSchema, ReleaseHoldResponseSchema, RescheduleSeriesRequestSchema, RescheduleSeriesResponseSchema, RescheduleSessionRequestSchema, RescheduleSessionResponseSchema, ScheduleSeriesRequestSchema, ScheduleSeriesResponseSchema, ScheduleSessionRequestSchema, ScheduleSessionResponseSchema, WatchSessionsRequestSchema } from "./aceup/scheduler/v1/session_service_pb.js";
import { readCancelSeriesRequest, readCancelSessionRequest, readCompleteSessionRequest, readConfirmHoldRequest, readCorrectOutcomeRequest, readGetHoldRequest, readGetSeriesRequest, readGetSessionHistoryRequest, readGetSessionRequest, readHoldSlotRequest, readListHoldsRequest, readListSeriesRequest, readListSessionsRequest, readMarkNoShowRequest, readReleaseHoldRequest, readRescheduleSeriesRequest, readRescheduleSessionRequest, readScheduleSeriesRequest, readScheduleSessionRequest, readWatchSessionsRequest, writeCancelSeriesResponse, writeCancelSessionResponse, writeCompleteSessionResponse, writeConfirmHoldResponse, writeCorrectOutcomeResponse, writeGetHoldResponse, writeGetSeriesResponse, writeGetSessionHistoryResponse, writeGetSessionResponse, writeHoldSlotResponse, writeListHoldsResponse, writeListSeriesResponse, writeListSessionsResponse, writeMarkNoShowResponse, writeReleaseHoldResponse, writeRescheduleSeriesResponse, writeRescheduleSessionResponse, writeScheduleSeriesResponse, writeScheduleSessionResponse } from "./aceup/scheduler/v1/session_service_json.js";

/** Readers of the requests of all methods, but of messages with fields that no reader knows. */
export const requestReaders: ReadonlyMap<DescMessage, (json: unknown) => Message | undefined> = new Map<
  DescMessage,
  (json: unknown) => Message | undefined
>([
  [SetAvailabilityRequestSchema, readSetAvailabilityRequest],
  [DeleteAvailabilityRequestSchema, readDeleteAvailabilityRequest],
  [GetAvailabilityRequestSchema, readGetAvailabilityRequest],
  [AddTimeOffRequestSchema, readAddTimeOffRequest],
  [RemoveTimeOffRequestSchema, readRemoveTimeOffRequest],
  [GetTimeOffRequestSchema, readGetTimeOffRequest],
  [ListTimeOffRequestSchema, readListTimeOffRequest],
  [SyncTimeOffRequestSchema, readSyncTimeOffRequest],
  [SetBookingPolicyRequestSchema, readSetBookingPolicyRequest],
  [DeleteBookingPolicyRequestSchema, readDeleteBookingPolicyRequest],
  [GetBookingPolicyRequestSchema, readGetBookingPolicyRequest],
  [FindSlotsRequestSchema, readFindSlotsRequest],
  [FindSlotsOfCoachesRequestSchema, readFindSlotsOfCoachesRequest],
  [ExplainSlotRequestSchema, readExplainSlotRequest],
  [SimulatePolicyRequestSchema, readSimulatePolicyRequest],
  [ScheduleSessionRequestSchema, readScheduleSessionRequest],
  [RescheduleSessionRequestSchema, readRescheduleSessionRequest],
  [CancelSessionRequestSchema, readCancelSessionRequest],
  [CompleteSessionRequestSchema, readCompleteSessionRequest],
  [MarkNoShowRequestSchema, readMarkNoShowRequest],
  [CorrectOutcomeRequestSchema, readCorrectOutcomeRequest],
  [ScheduleSeriesRequestSchema, readScheduleSeriesRequest],
  [RescheduleSeriesRequestSchema, readRescheduleSeriesRequest],
  [CancelSeriesRequestSchema, readCancelSeriesRequest],
  [GetSeriesRequestSchema, readGetSeriesRequest],
  [ListSeriesRequestSchema, readListSeriesRequest],
  [HoldSlotRequestSchema, readHoldSlotRequest],
  [ConfirmHoldRequestSchema, readConfirmHoldRequest],
  [ReleaseHoldRequestSchema, readReleaseHoldRequest],
  [GetHoldRequestSchema, readGetHoldRequest],
  [ListHoldsRequestSchema, readListHoldsRequest],
  [GetSessionRequestSchema, readGetSessionRequest],
  [ListSessionsRequestSchema, readListSessionsRequest],
  [GetSessionHistoryRequestSchema, readGetSessionHistoryRequest],
  [WatchSessionsRequestSchema, readWatchSessionsRequest],
]);

/** Writers of the answers of all methods that REST serves, but of messages with fields that no writer knows. */
export const answerWriters: ReadonlyMap<DescMessage, (message: object) => string> = new Map<
  DescMessage,
  (message: object) => string
>([
  [DeleteAvailabilityResponseSchema, writeDeleteAvailabilityResponse],
  [AddTimeOffResponseSchema, writeAddTimeOffResponse],
  [RemoveTimeOffResponseSchema, writeRemoveTimeOffResponse],
  [GetTimeOffResponseSchema, writeGetTimeOffResponse],
  [ListTimeOffResponseSchema, writeListTimeOffResponse],
  [SyncTimeOffResponseSchema, writeSyncTimeOffResponse],
  [DeleteBookingPolicyResponseSchema, writeDeleteBookingPolicyResponse],
  [FindSlotsResponseSchema, writeFindSlotsResponse],
  [FindSlotsOfCoachesResponseSchema, writeFindSlotsOfCoachesResponse],
  [ExplainSlotResponseSchema, writeExplainSlotResponse],
  [SimulatePolicyResponseSchema, writeSimulatePolicyResponse],
  [ScheduleSessionResponseSchema, writeScheduleSessionResponse],
  [RescheduleSessionResponseSchema, writeRescheduleSessionResponse],
  [CancelSessionResponseSchema, writeCancelSessionResponse],
  [CompleteSessionResponseSchema, writeCompleteSessionResponse],
  [MarkNoShowResponseSchema, writeMarkNoShowResponse],
  [CorrectOutcomeResponseSchema, writeCorrectOutcomeResponse],
  [ScheduleSeriesResponseSchema, writeScheduleSeriesResponse],
  [RescheduleSeriesResponseSchema, writeRescheduleSeriesResponse],
  [CancelSeriesResponseSchema, writeCancelSeriesResponse],
  [GetSeriesResponseSchema, writeGetSeriesResponse],
  [ListSeriesResponseSchema, writeListSeriesResponse],
  [HoldSlotResponseSchema, writeHoldSlotResponse],
  [ConfirmHoldResponseSchema, writeConfirmHoldResponse],
  [ReleaseHoldResponseSchema, writeReleaseHoldResponse],
  [GetHoldResponseSchema, writeGetHoldResponse],
  [ListHoldsResponseSchema, writeListHoldsResponse],
  [GetSessionResponseSchema, writeGetSessionResponse],
  [ListSessionsResponseSchema, writeListSessionsResponse],
  [GetSessionHistoryResponseSchema, writeGetSessionHistoryResponse],
]);

