import type { DescMessage, Message } from "@bufbuild/protobuf";
import { AddTimeOffRequestSchema, AddTimeOffResponseSchema, DeleteAvailabilityRequestSchema, DeleteAvailabilityResponseSchema, DeleteBookingPolicyRequestSchema, DeleteBookingPolicyResponseSchema, ExplainSlotRequestSchema, ExplainSlotResponseSchema, FindSlotsOfCoachesRequestSchema, FindSlotsOfCoachesResponseSchema, FindSlotsRequestSchema, FindSlotsResponseSchema, GetAvailabilityRequestSchema, GetBookingPolicyRequestSchema, GetTimeOffRequestSchema, GetTimeOffResponseSchema, ListTimeOffRequestSchema, ListTimeOffResponseSchema, RemoveTimeOffRequestSchema, RemoveTimeOffResponseSchema, SetAvailabilityRequestSchema, SetBookingPolicyRequestSchema, SimulatePolicyRequestSchema, SimulatePolicyResponseSchema, SyncTimeOffRequestSchema, SyncTimeOffResponseSchema } from "./aceup/scheduler/v1/availability_service_pb.js";
import { decoder } from "../wire/wire-reader.js";
import { decodeAddTimeOffRequest, decodeDeleteAvailabilityRequest, decodeDeleteBookingPolicyRequest, decodeExplainSlotRequest, decodeFindSlotsOfCoachesRequest, decodeFindSlotsRequest, decodeGetAvailabilityRequest, decodeGetBookingPolicyRequest, decodeGetTimeOffRequest, decodeListTimeOffRequest, decodeRemoveTimeOffRequest, decodeSetAvailabilityRequest, decodeSetBookingPolicyRequest, decodeSimulatePolicyRequest, decodeSyncTimeOffRequest, encodeAddTimeOffResponse, encodeDeleteAvailabilityResponse, encodeDeleteBookingPolicyResponse, encodeExplainSlotResponse, encodeFindSlotsOfCoachesResponse, encodeFindSlotsResponse, encodeGetTimeOffResponse, encodeListTimeOffResponse, encodeRemoveTimeOffResponse, encodeSimulatePolicyResponse, encodeSyncTimeOffResponse } from "./aceup/scheduler/v1/availability_service_binary.js";
import { CancelSeriesRequestSchema, CancelSeriesResponseSchema, CancelSessionRequestSchema, CancelSessionResponseSchema, CompleteSessionRequestSchema, CompleteSessionResponseSchema, ConfirmHoldRequestSchema, ConfirmHoldResponseSchema, CorrectOutcomeRequestSchema, CorrectOutcomeResponseSchema, GetHoldRequestSchema, GetHoldResponseSchema, GetSeriesRequestSchema, GetSeriesResponseSchema, GetSessionHistoryRequestSchema, GetSessionHistoryResponseSchema, GetSessionRequestSchema, GetSessionResponseSchema, HoldSlotRequestSchema, HoldSlotResponseSchema, ListHoldsRequestSchema, ListHoldsResponseSchema, ListSeriesRequestSchema, ListSeriesResponseSchema, ListSessionsRequestSchema, ListSessionsResponseSchema, MarkNoShowRequestSchema, MarkNoShowResponseSchema, ReleaseHoldRequestSchema, ReleaseHoldResponseSchema, RescheduleSeriesRequestSchema, RescheduleSeriesResponseSchema, RescheduleSessionRequestSchema, RescheduleSessionResponseSchema, ScheduleSeriesRequestSchema, ScheduleSeriesResponseSchema, ScheduleSessionRequestSchema, ScheduleSessionResponseSchema, WatchSessionsRequestSchema } from "./aceup/scheduler/v1/session_service_pb.js";
import { decodeCancelSeriesRequest, decodeCancelSessionRequest, decodeCompleteSessionRequest, decodeConfirmHoldRequest, decodeCorrectOutcomeRequest, decodeGetHoldRequest, decodeGetSeriesRequest, decodeGetSessionHistoryRequest, decodeGetSessionRequest, decodeHoldSlotRequest, decodeListHoldsRequest, decodeListSeriesRequest, decodeListSessionsRequest, decodeMarkNoShowRequest, decodeReleaseHoldRequest, decodeRescheduleSeriesRequest, decodeRescheduleSessionRequest, decodeScheduleSeriesRequest, decodeScheduleSessionRequest, decodeWatchSessionsRequest, encodeCancelSeriesResponse, encodeCancelSessionResponse, encodeCompleteSessionResponse, encodeConfirmHoldResponse, encodeCorrectOutcomeResponse, encodeGetHoldResponse, encodeGetSeriesResponse, encodeGetSessionHistoryResponse, encodeGetSessionResponse, encodeHoldSlotResponse, encodeListHoldsResponse, encodeListSeriesResponse, encodeListSessionsResponse, encodeMarkNoShowResponse, encodeReleaseHoldResponse, encodeRescheduleSeriesResponse, encodeRescheduleSessionResponse, encodeScheduleSeriesResponse, encodeScheduleSessionResponse } from "./aceup/scheduler/v1/session_service_binary.js";
import { CreateWebhookRequestSchema, CreateWebhookResponseSchema, DeleteWebhookRequestSchema, DeleteWebhookResponseSchema, GetWebhookRequestSchema, GetWebhookResponseSchema, ListDeliveriesRequestSchema, ListDeliveriesResponseSchema, ListWebhooksRequestSchema, ListWebhooksResponseSchema, PauseWebhookRequestSchema, PauseWebhookResponseSchema, ReplayWebhookRequestSchema, ReplayWebhookResponseSchema, ResumeWebhookRequestSchema, ResumeWebhookResponseSchema, RotateSecretRequestSchema, RotateSecretResponseSchema, SkipChangeRequestSchema, SkipChangeResponseSchema, TestWebhookRequestSchema, TestWebhookResponseSchema, UpdateWebhookRequestSchema, UpdateWebhookResponseSchema } from "./aceup/scheduler/v1/webhook_service_pb.js";
import { decodeCreateWebhookRequest, decodeDeleteWebhookRequest, decodeGetWebhookRequest, decodeListDeliveriesRequest, decodeListWebhooksRequest, decodePauseWebhookRequest, decodeReplayWebhookRequest, decodeResumeWebhookRequest, decodeRotateSecretRequest, decodeSkipChangeRequest, decodeTestWebhookRequest, decodeUpdateWebhookRequest, encodeCreateWebhookResponse, encodeDeleteWebhookResponse, encodeGetWebhookResponse, encodeListDeliveriesResponse, encodeListWebhooksResponse, encodePauseWebhookResponse, encodeReplayWebhookResponse, encodeResumeWebhookResponse, encodeRotateSecretResponse, encodeSkipChangeResponse, encodeTestWebhookResponse, encodeUpdateWebhookResponse } from "./aceup/scheduler/v1/webhook_service_binary.js";
import type { Buffer } from "node:buffer";
import { encoder } from "../wire/wire-writer.js";

/** Decoders of the requests of all methods, but of messages with fields that no decoder knows. */
export const requestDecoders: ReadonlyMap<DescMessage, (bytes: Uint8Array) => Message | undefined> = new Map<
  DescMessage,
  (bytes: Uint8Array) => Message | undefined
>([
  [SetAvailabilityRequestSchema, decoder(decodeSetAvailabilityRequest)],
  [DeleteAvailabilityRequestSchema, decoder(decodeDeleteAvailabilityRequest)],
  [GetAvailabilityRequestSchema, decoder(decodeGetAvailabilityRequest)],
  [AddTimeOffRequestSchema, decoder(decodeAddTimeOffRequest)],
  [RemoveTimeOffRequestSchema, decoder(decodeRemoveTimeOffRequest)],
  [GetTimeOffRequestSchema, decoder(decodeGetTimeOffRequest)],
  [ListTimeOffRequestSchema, decoder(decodeListTimeOffRequest)],
  [SyncTimeOffRequestSchema, decoder(decodeSyncTimeOffRequest)],
  [SetBookingPolicyRequestSchema, decoder(decodeSetBookingPolicyRequest)],
  [DeleteBookingPolicyRequestSchema, decoder(decodeDeleteBookingPolicyRequest)],
  [GetBookingPolicyRequestSchema, decoder(decodeGetBookingPolicyRequest)],
  [FindSlotsRequestSchema, decoder(decodeFindSlotsRequest)],
  [FindSlotsOfCoachesRequestSchema, decoder(decodeFindSlotsOfCoachesRequest)],
  [ExplainSlotRequestSchema, decoder(decodeExplainSlotRequest)],
  [SimulatePolicyRequestSchema, decoder(decodeSimulatePolicyRequest)],
  [ScheduleSessionRequestSchema, decoder(decodeScheduleSessionRequest)],
  [RescheduleSessionRequestSchema, decoder(decodeRescheduleSessionRequest)],
  [CancelSessionRequestSchema, decoder(decodeCancelSessionRequest)],
  [CompleteSessionRequestSchema, decoder(decodeCompleteSessionRequest)],
  [MarkNoShowRequestSchema, decoder(decodeMarkNoShowRequest)],
  [CorrectOutcomeRequestSchema, decoder(decodeCorrectOutcomeRequest)],
  [ScheduleSeriesRequestSchema, decoder(decodeScheduleSeriesRequest)],
  [RescheduleSeriesRequestSchema, decoder(decodeRescheduleSeriesRequest)],
  [CancelSeriesRequestSchema, decoder(decodeCancelSeriesRequest)],
  [GetSeriesRequestSchema, decoder(decodeGetSeriesRequest)],
  [ListSeriesRequestSchema, decoder(decodeListSeriesRequest)],
  [HoldSlotRequestSchema, decoder(decodeHoldSlotRequest)],
  [ConfirmHoldRequestSchema, decoder(decodeConfirmHoldRequest)],
  [ReleaseHoldRequestSchema, decoder(decodeReleaseHoldRequest)],
  [GetHoldRequestSchema, decoder(decodeGetHoldRequest)],
  [ListHoldsRequestSchema, decoder(decodeListHoldsRequest)],
  [GetSessionRequestSchema, decoder(decodeGetSessionRequest)],
  [ListSessionsRequestSchema, decoder(decodeListSessionsRequest)],
  [GetSessionHistoryRequestSchema, decoder(decodeGetSessionHistoryRequest)],
  [WatchSessionsRequestSchema, decoder(decodeWatchSessionsRequest)],
  [CreateWebhookRequestSchema, decoder(decodeCreateWebhookRequest)],
  [GetWebhookRequestSchema, decoder(decodeGetWebhookRequest)],
  [ListWebhooksRequestSchema, decoder(decodeListWebhooksRequest)],
  [UpdateWebhookRequestSchema, decoder(decodeUpdateWebhookRequest)],
  [DeleteWebhookRequestSchema, decoder(decodeDeleteWebhookRequest)],
  [TestWebhookRequestSchema, decoder(decodeTestWebhookRequest)],
  [PauseWebhookRequestSchema, decoder(decodePauseWebhookRequest)],
  [ResumeWebhookRequestSchema, decoder(decodeResumeWebhookRequest)],
  [ReplayWebhookRequestSchema, decoder(decodeReplayWebhookRequest)],
  [SkipChangeRequestSchema, decoder(decodeSkipChangeRequest)],
  [RotateSecretRequestSchema, decoder(decodeRotateSecretRequest)],
  [ListDeliveriesRequestSchema, decoder(decodeListDeliveriesRequest)],
]);

/** Encoders of the answers of all methods, but of messages with fields that no encoder knows. */
export const answerEncoders: ReadonlyMap<DescMessage, (message: object) => Buffer> = new Map<
  DescMessage,
  (message: object) => Buffer
>([
  [DeleteAvailabilityResponseSchema, encoder(encodeDeleteAvailabilityResponse)],
  [AddTimeOffResponseSchema, encoder(encodeAddTimeOffResponse)],
  [RemoveTimeOffResponseSchema, encoder(encodeRemoveTimeOffResponse)],
  [GetTimeOffResponseSchema, encoder(encodeGetTimeOffResponse)],
  [ListTimeOffResponseSchema, encoder(encodeListTimeOffResponse)],
  [SyncTimeOffResponseSchema, encoder(encodeSyncTimeOffResponse)],
  [DeleteBookingPolicyResponseSchema, encoder(encodeDeleteBookingPolicyResponse)],
  [FindSlotsResponseSchema, encoder(encodeFindSlotsResponse)],
  [FindSlotsOfCoachesResponseSchema, encoder(encodeFindSlotsOfCoachesResponse)],
  [ExplainSlotResponseSchema, encoder(encodeExplainSlotResponse)],
  [SimulatePolicyResponseSchema, encoder(encodeSimulatePolicyResponse)],
  [ScheduleSessionResponseSchema, encoder(encodeScheduleSessionResponse)],
  [RescheduleSessionResponseSchema, encoder(encodeRescheduleSessionResponse)],
  [CancelSessionResponseSchema, encoder(encodeCancelSessionResponse)],
  [CompleteSessionResponseSchema, encoder(encodeCompleteSessionResponse)],
  [MarkNoShowResponseSchema, encoder(encodeMarkNoShowResponse)],
  [CorrectOutcomeResponseSchema, encoder(encodeCorrectOutcomeResponse)],
  [ScheduleSeriesResponseSchema, encoder(encodeScheduleSeriesResponse)],
  [RescheduleSeriesResponseSchema, encoder(encodeRescheduleSeriesResponse)],
  [CancelSeriesResponseSchema, encoder(encodeCancelSeriesResponse)],
  [GetSeriesResponseSchema, encoder(encodeGetSeriesResponse)],
  [ListSeriesResponseSchema, encoder(encodeListSeriesResponse)],
  [HoldSlotResponseSchema, encoder(encodeHoldSlotResponse)],
  [ConfirmHoldResponseSchema, encoder(encodeConfirmHoldResponse)],
  [ReleaseHoldResponseSchema, encoder(encodeReleaseHoldResponse)],
  [GetHoldResponseSchema, encoder(encodeGetHoldResponse)],
  [ListHoldsResponseSchema, encoder(encodeListHoldsResponse)],
  [GetSessionResponseSchema, encoder(encodeGetSessionResponse)],
  [ListSessionsResponseSchema, encoder(encodeListSessionsResponse)],
  [GetSessionHistoryResponseSchema, encoder(encodeGetSessionHistoryResponse)],
  [CreateWebhookResponseSchema, encoder(encodeCreateWebhookResponse)],
  [GetWebhookResponseSchema, encoder(encodeGetWebhookResponse)],
  [ListWebhooksResponseSchema, encoder(encodeListWebhooksResponse)],
  [UpdateWebhookResponseSchema, encoder(encodeUpdateWebhookResponse)],
  [DeleteWebhookResponseSchema, encoder(encodeDeleteWebhookResponse)],
  [TestWebhookResponseSchema, encoder(encodeTestWebhookResponse)],
  [PauseWebhookResponseSchema, encoder(encodePauseWebhookResponse)],
  [ResumeWebhookResponseSchema, encoder(encodeResumeWebhookResponse)],
  [ReplayWebhookResponseSchema, encoder(encodeReplayWebhookResponse)],
  [SkipChangeResponseSchema, encoder(encodeSkipChangeResponse)],
  [RotateSecretResponseSchema, encoder(encodeRotateSecretResponse)],
  [ListDeliveriesResponseSchema, encoder(encodeListDeliveriesResponse)],
]);

