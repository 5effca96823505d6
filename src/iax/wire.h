/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_WIRE_H
#define TG_IAX_WIRE_H

#include "base/tg.h"

/**
 * The numbers of IAX2 as they stand on the wire. Lists are (enumerator, value, name); iax/names.h gives the names.
 * Section numbers are those of RFC 5456 unless said otherwise.
 */

/* ---- Datagrams (8.1) ----------------------------------------------------------------------------------------- */

enum {
	IAX_PORT = 4569,

	IAX_FULL_BIT = 0x8000,     /* F, 8.1.1: first word */
	IAX_RETRY_BIT = 0x8000,    /* R, 8.1.1: second word */
	IAX_VIDEO_BIT = 0x8000,    /* V, 8.1.3.1: second word, the first being 0 */
	IAX_MARKER_BIT = 0x8000,   /* third word of a meta video frame: last packet of a picture */
	IAX_CALLNO_MASK = 0x7fff,  /* 8.1.1 */
	IAX_SUBCLASS_POWER = 0x80, /* C, 8.1.1 */
	IAX_SUBCLASS_EXPONENT = 0x3f,
	IAX_SUBCLASS_MARKER = 0x40, /* VIDEO: last packet of a picture */

	IAX_FULL_BYTES = 12,
	IAX_MINI_BYTES = 4,
	IAX_META_VIDEO_BYTES = 6,
	IAX_META_TRUNK_BYTES = 8,
	IAX_TRUNK_ENTRY_BYTES = 4,       /* without timestamps */
	IAX_TRUNK_ENTRY_STAMP_BYTES = 6, /* with timestamps */

	IAX_META_TRUNK = 1, /* meta command, 8.1.3.2 */

	IAX_DATAGRAM_RECEIVED_MAX = 4096, /* longer ones are not read whole */
	IAX_DATAGRAM_SENT_MAX = 1400,     /* goes through common tunnels unfragmented */
	IAX_IES_SENT_MAX = 1000,          /* octets of elements in one frame of ours */
};
static_assert((IAX_CALLNO_MASK & IAX_FULL_BIT) == 0, "the F bit is no part of a call number");

/* Call numbers, 8.1.1 and common practice: 15 bits; 0 is "none yet", 1 the source of stateless answers. */
enum {
	IAX_CALLNO_NONE = 0,
	IAX_CALLNO_STATELESS = 1,
	IAX_CALLNO_MIN = 2,
	IAX_CALLNO_MAX = 32767,
};

/* ---- Frame types (8.2); MODEM and DTMF_BEGIN come from practice ------------------------------------------------ */

#define IAX_FRAME_TYPES(X)                      \
	X(IAX_FRAME_DTMF_END, 0x01, "DTMF_END") \
	X(IAX_FRAME_VOICE, 0x02, "VOICE")       \
	X(IAX_FRAME_VIDEO, 0x03, "VIDEO")       \
	X(IAX_FRAME_CONTROL, 0x04, "CONTROL")   \
	X(IAX_FRAME_NULL, 0x05, "NULL")         \
	X(IAX_FRAME_IAX, 0x06, "IAX")           \
	X(IAX_FRAME_TEXT, 0x07, "TEXT")         \
	X(IAX_FRAME_IMAGE, 0x08, "IMAGE")       \
	X(IAX_FRAME_HTML, 0x09, "HTML")         \
	X(IAX_FRAME_CNG, 0x0a, "CNG")           \
	X(IAX_FRAME_MODEM, 0x0b, "MODEM")       \
	X(IAX_FRAME_DTMF_BEGIN, 0x0c, "DTMF_BEGIN")

/* ---- Subclasses of IAX frames (8.4); TXMEDIA, RTKEY and CALLTOKEN come from practice --------------------------- */

#define IAX_SUBCLASSES(X)                   \
	X(IAX_NEW, 0x01, "NEW")             \
	X(IAX_PING, 0x02, "PING")           \
	X(IAX_PONG, 0x03, "PONG")           \
	X(IAX_ACK, 0x04, "ACK")             \
	X(IAX_HANGUP, 0x05, "HANGUP")       \
	X(IAX_REJECT, 0x06, "REJECT")       \
	X(IAX_ACCEPT, 0x07, "ACCEPT")       \
	X(IAX_AUTHREQ, 0x08, "AUTHREQ")     \
	X(IAX_AUTHREP, 0x09, "AUTHREP")     \
	X(IAX_INVAL, 0x0a, "INVAL")         \
	X(IAX_LAGRQ, 0x0b, "LAGRQ")         \
	X(IAX_LAGRP, 0x0c, "LAGRP")         \
	X(IAX_REGREQ, 0x0d, "REGREQ")       \
	X(IAX_REGAUTH, 0x0e, "REGAUTH")     \
	X(IAX_REGACK, 0x0f, "REGACK")       \
	X(IAX_REGREJ, 0x10, "REGREJ")       \
	X(IAX_REGREL, 0x11, "REGREL")       \
	X(IAX_VNAK, 0x12, "VNAK")           \
	X(IAX_DPREQ, 0x13, "DPREQ")         \
	X(IAX_DPREP, 0x14, "DPREP")         \
	X(IAX_DIAL, 0x15, "DIAL")           \
	X(IAX_TXREQ, 0x16, "TXREQ")         \
	X(IAX_TXCNT, 0x17, "TXCNT")         \
	X(IAX_TXACC, 0x18, "TXACC")         \
	X(IAX_TXREADY, 0x19, "TXREADY")     \
	X(IAX_TXREL, 0x1a, "TXREL")         \
	X(IAX_TXREJ, 0x1b, "TXREJ")         \
	X(IAX_QUELCH, 0x1c, "QUELCH")       \
	X(IAX_UNQUELCH, 0x1d, "UNQUELCH")   \
	X(IAX_POKE, 0x1e, "POKE")           \
	X(IAX_PAGE, 0x1f, "PAGE")           \
	X(IAX_MWI, 0x20, "MWI")             \
	X(IAX_UNSUPPORT, 0x21, "UNSUPPORT") \
	X(IAX_TRANSFER, 0x22, "TRANSFER")   \
	X(IAX_PROVISION, 0x23, "PROVISION") \
	X(IAX_FWDOWNL, 0x24, "FWDOWNL")     \
	X(IAX_FWDATA, 0x25, "FWDATA")       \
	X(IAX_TXMEDIA, 0x26, "TXMEDIA")     \
	X(IAX_RTKEY, 0x27, "RTKEY")         \
	X(IAX_CALLTOKEN, 0x28, "CALLTOKEN")

/* ---- Subclasses of CONTROL frames (8.3); those from 0x12 on come from practice --------------------------------- */

#define IAX_CONTROLS(X)                                         \
	X(IAX_CONTROL_HANGUP, 0x01, "HANGUP")                   \
	X(IAX_CONTROL_RING, 0x02, "RING")                       \
	X(IAX_CONTROL_RINGING, 0x03, "RINGING")                 \
	X(IAX_CONTROL_ANSWER, 0x04, "ANSWER")                   \
	X(IAX_CONTROL_BUSY, 0x05, "BUSY")                       \
	X(IAX_CONTROL_TAKEOFFHOOK, 0x06, "TAKEOFFHOOK")         \
	X(IAX_CONTROL_OFFHOOK, 0x07, "OFFHOOK")                 \
	X(IAX_CONTROL_CONGESTION, 0x08, "CONGESTION")           \
	X(IAX_CONTROL_FLASH, 0x09, "FLASH")                     \
	X(IAX_CONTROL_WINK, 0x0a, "WINK")                       \
	X(IAX_CONTROL_OPTION, 0x0b, "OPTION")                   \
	X(IAX_CONTROL_RADIO_KEY, 0x0c, "RADIO_KEY")             \
	X(IAX_CONTROL_RADIO_UNKEY, 0x0d, "RADIO_UNKEY")         \
	X(IAX_CONTROL_PROGRESS, 0x0e, "PROGRESS")               \
	X(IAX_CONTROL_PROCEEDING, 0x0f, "PROCEEDING")           \
	X(IAX_CONTROL_HOLD, 0x10, "HOLD")                       \
	X(IAX_CONTROL_UNHOLD, 0x11, "UNHOLD")                   \
	X(IAX_CONTROL_VIDUPDATE, 0x12, "VIDUPDATE")             \
	X(IAX_CONTROL_T38, 0x13, "T38")                         \
	X(IAX_CONTROL_SRCUPDATE, 0x14, "SRCUPDATE")             \
	X(IAX_CONTROL_TRANSFER, 0x15, "TRANSFER")               \
	X(IAX_CONTROL_CONNECTED_LINE, 0x16, "CONNECTED_LINE")   \
	X(IAX_CONTROL_REDIRECTING, 0x17, "REDIRECTING")         \
	X(IAX_CONTROL_T38_PARAMETERS, 0x18, "T38_PARAMETERS")   \
	X(IAX_CONTROL_CC, 0x19, "CC")                           \
	X(IAX_CONTROL_SRCCHANGE, 0x1a, "SRCCHANGE")             \
	X(IAX_CONTROL_READ_ACTION, 0x1b, "READ_ACTION")         \
	X(IAX_CONTROL_AOC, 0x1c, "AOC")                         \
	X(IAX_CONTROL_END_OF_Q, 0x1d, "END_OF_Q")               \
	X(IAX_CONTROL_INCOMPLETE, 0x1e, "INCOMPLETE")           \
	X(IAX_CONTROL_MCID, 0x1f, "MCID")                       \
	X(IAX_CONTROL_UPDATE_RTP_PEER, 0x20, "UPDATE_RTP_PEER") \
	X(IAX_CONTROL_PVT_CAUSE_CODE, 0x21, "PVT_CAUSE_CODE")   \
	X(IAX_CONTROL_STOP_TONES, 0xff, "STOP_TONES") /* the whole octet, not 2^63 */

/* ---- Subclasses of HTML frames (8.5) --------------------------------------------------------------------------- */

#define IAX_HTMLS(X)                                     \
	X(IAX_HTML_URL, 0x01, "URL")                     \
	X(IAX_HTML_DATA, 0x02, "DATA")                   \
	X(IAX_HTML_BEGIN, 0x04, "BEGIN")                 \
	X(IAX_HTML_END, 0x08, "END")                     \
	X(IAX_HTML_LOAD_COMPLETE, 0x10, "LOAD_COMPLETE") \
	X(IAX_HTML_NOT_SUPPORTED, 0x11, "NOT_SUPPORTED") \
	X(IAX_HTML_LINK_URL, 0x12, "LINK_URL")           \
	X(IAX_HTML_UNLINK_URL, 0x13, "UNLINK_URL")       \
	X(IAX_HTML_REJECT_LINK_URL, 0x14, "REJECT_LINK_URL")

/* ---- Information elements (8.6); 0x34 is OSPTOKEN there but VARIABLE in practice; 0x35 on come from practice ---- */

#define IAX_IES(X)                                         \
	X(IAX_IE_CALLED_NUMBER, 0x01, "CALLED_NUMBER")     \
	X(IAX_IE_CALLING_NUMBER, 0x02, "CALLING_NUMBER")   \
	X(IAX_IE_CALLING_ANI, 0x03, "CALLING_ANI")         \
	X(IAX_IE_CALLING_NAME, 0x04, "CALLING_NAME")       \
	X(IAX_IE_CALLED_CONTEXT, 0x05, "CALLED_CONTEXT")   \
	X(IAX_IE_USERNAME, 0x06, "USERNAME")               \
	X(IAX_IE_PASSWORD, 0x07, "PASSWORD")               \
	X(IAX_IE_CAPABILITY, 0x08, "CAPABILITY")           \
	X(IAX_IE_FORMAT, 0x09, "FORMAT")                   \
	X(IAX_IE_LANGUAGE, 0x0a, "LANGUAGE")               \
	X(IAX_IE_VERSION, 0x0b, "VERSION")                 \
	X(IAX_IE_ADSICPE, 0x0c, "ADSICPE")                 \
	X(IAX_IE_DNID, 0x0d, "DNID")                       \
	X(IAX_IE_AUTHMETHODS, 0x0e, "AUTHMETHODS")         \
	X(IAX_IE_CHALLENGE, 0x0f, "CHALLENGE")             \
	X(IAX_IE_MD5_RESULT, 0x10, "MD5_RESULT")           \
	X(IAX_IE_RSA_RESULT, 0x11, "RSA_RESULT")           \
	X(IAX_IE_APPARENT_ADDR, 0x12, "APPARENT_ADDR")     \
	X(IAX_IE_REFRESH, 0x13, "REFRESH")                 \
	X(IAX_IE_DPSTATUS, 0x14, "DPSTATUS")               \
	X(IAX_IE_CALLNO, 0x15, "CALLNO")                   \
	X(IAX_IE_CAUSE, 0x16, "CAUSE")                     \
	X(IAX_IE_IAX_UNKNOWN, 0x17, "IAX_UNKNOWN")         \
	X(IAX_IE_MSGCOUNT, 0x18, "MSGCOUNT")               \
	X(IAX_IE_AUTOANSWER, 0x19, "AUTOANSWER")           \
	X(IAX_IE_MUSICONHOLD, 0x1a, "MUSICONHOLD")         \
	X(IAX_IE_TRANSFERID, 0x1b, "TRANSFERID")           \
	X(IAX_IE_RDNIS, 0x1c, "RDNIS")                     \
	X(IAX_IE_PROVISIONING, 0x1d, "PROVISIONING")       \
	X(IAX_IE_AESPROVISIONING, 0x1e, "AESPROVISIONING") \
	X(IAX_IE_DATETIME, 0x1f, "DATETIME")               \
	X(IAX_IE_DEVICETYPE, 0x20, "DEVICETYPE")           \
	X(IAX_IE_SERVICEIDENT, 0x21, "SERVICEIDENT")       \
	X(IAX_IE_FIRMWAREVER, 0x22, "FIRMWAREVER")         \
	X(IAX_IE_FWBLOCKDESC, 0x23, "FWBLOCKDESC")         \
	X(IAX_IE_FWBLOCKDATA, 0x24, "FWBLOCKDATA")         \
	X(IAX_IE_PROVVER, 0x25, "PROVVER")                 \
	X(IAX_IE_CALLINGPRES, 0x26, "CALLINGPRES")         \
	X(IAX_IE_CALLINGTON, 0x27, "CALLINGTON")           \
	X(IAX_IE_CALLINGTNS, 0x28, "CALLINGTNS")           \
	X(IAX_IE_SAMPLINGRATE, 0x29, "SAMPLINGRATE")       \
	X(IAX_IE_CAUSECODE, 0x2a, "CAUSECODE")             \
	X(IAX_IE_ENCRYPTION, 0x2b, "ENCRYPTION")           \
	X(IAX_IE_ENCKEY, 0x2c, "ENCKEY")                   \
	X(IAX_IE_CODEC_PREFS, 0x2d, "CODEC_PREFS")         \
	X(IAX_IE_RR_JITTER, 0x2e, "RR_JITTER")             \
	X(IAX_IE_RR_LOSS, 0x2f, "RR_LOSS")                 \
	X(IAX_IE_RR_PKTS, 0x30, "RR_PKTS")                 \
	X(IAX_IE_RR_DELAY, 0x31, "RR_DELAY")               \
	X(IAX_IE_RR_DROPPED, 0x32, "RR_DROPPED")           \
	X(IAX_IE_RR_OOO, 0x33, "RR_OOO")                   \
	X(IAX_IE_VARIABLE, 0x34, "VARIABLE")               \
	X(IAX_IE_OSPTOKEN, 0x35, "OSPTOKEN")               \
	X(IAX_IE_CALLTOKEN, 0x36, "CALLTOKEN")             \
	X(IAX_IE_CAPABILITY2, 0x37, "CAPABILITY2")         \
	X(IAX_IE_FORMAT2, 0x38, "FORMAT2")                 \
	X(IAX_IE_CALLINGANI2, 0x39, "CALLINGANI2")         \
	X(IAX_IE_DATAFORMAT, 0xff, "DATAFORMAT")

/* ---- Causes (8.6.33, after Q.931); those below marked so come from practice ------------------------------------- */

#define IAX_CAUSES(X)                                                                \
	X(IAX_CAUSE_UNALLOCATED, 1, "unallocated number")                            \
	X(IAX_CAUSE_NO_TRANSIT_NET, 2, "no route to transit network")                \
	X(IAX_CAUSE_NO_ROUTE, 3, "no route to destination")                          \
	X(IAX_CAUSE_MISDIALLED_PREFIX, 5, "misdialled trunk prefix") /* practice */  \
	X(IAX_CAUSE_CHANNEL_UNACCEPTABLE, 6, "channel unacceptable")                 \
	X(IAX_CAUSE_AWARDED, 7, "call awarded and delivered")                        \
	X(IAX_CAUSE_PREEMPTION, 8, "preemption") /* practice */                      \
	X(IAX_CAUSE_PORTED, 14, "number ported") /* practice */                      \
	X(IAX_CAUSE_NORMAL_CLEARING, 16, "normal clearing")                          \
	X(IAX_CAUSE_BUSY, 17, "user busy")                                           \
	X(IAX_CAUSE_NO_RESPONSE, 18, "no user response")                             \
	X(IAX_CAUSE_NO_ANSWER, 19, "no answer")                                      \
	X(IAX_CAUSE_ABSENT, 20, "subscriber absent") /* practice */                  \
	X(IAX_CAUSE_REJECTED, 21, "call rejected")                                   \
	X(IAX_CAUSE_NUMBER_CHANGED, 22, "number changed")                            \
	X(IAX_CAUSE_REDIRECTED, 23, "redirected")                 /* practice */     \
	X(IAX_CAUSE_ANSWERED_ELSEWHERE, 26, "answered elsewhere") /* practice */     \
	X(IAX_CAUSE_OUT_OF_ORDER, 27, "destination out of order")                    \
	X(IAX_CAUSE_INVALID_NUMBER, 28, "invalid number format")                     \
	X(IAX_CAUSE_FACILITY_REJECTED, 29, "facility rejected")                      \
	X(IAX_CAUSE_STATUS_ENQUIRY, 30, "response to status enquiry")                \
	X(IAX_CAUSE_NORMAL, 31, "normal, unspecified")                               \
	X(IAX_CAUSE_NO_CIRCUIT, 34, "no circuit available")                          \
	X(IAX_CAUSE_NET_OUT_OF_ORDER, 38, "network out of order")                    \
	X(IAX_CAUSE_TEMPORARY_FAILURE, 41, "temporary failure")                      \
	X(IAX_CAUSE_SWITCH_CONGESTION, 42, "switch congestion")                      \
	X(IAX_CAUSE_ACCESS_INFO_DISCARDED, 43, "access information discarded")       \
	X(IAX_CAUSE_CHANNEL_UNAVAILABLE, 44, "requested channel unavailable")        \
	X(IAX_CAUSE_PREEMPTED, 45, "preempted")                                      \
	X(IAX_CAUSE_NO_RESOURCE, 47, "resource unavailable")                         \
	X(IAX_CAUSE_NOT_SUBSCRIBED, 50, "facility not subscribed")                   \
	X(IAX_CAUSE_OUTGOING_BARRED, 52, "outgoing call barred")                     \
	X(IAX_CAUSE_INCOMING_BARRED, 54, "incoming call barred")                     \
	X(IAX_CAUSE_BEARER_NOT_AUTHORISED, 57, "bearer capability not authorised")   \
	X(IAX_CAUSE_BEARER_UNAVAILABLE, 58, "bearer capability not available")       \
	X(IAX_CAUSE_SERVICE_UNAVAILABLE, 63, "service not available")                \
	X(IAX_CAUSE_BEARER_NOT_IMPLEMENTED, 65, "bearer capability not implemented") \
	X(IAX_CAUSE_CHANNEL_NOT_IMPLEMENTED, 66, "channel type not implemented")     \
	X(IAX_CAUSE_FACILITY_NOT_IMPLEMENTED, 69, "facility not implemented")        \
	X(IAX_CAUSE_ONLY_DIGITAL, 70, "only restricted digital information")         \
	X(IAX_CAUSE_SERVICE_NOT_IMPLEMENTED, 79, "service not implemented")          \
	X(IAX_CAUSE_INVALID_CALL_REFERENCE, 81, "invalid call reference")            \
	X(IAX_CAUSE_NO_SUCH_CHANNEL, 82, "channel does not exist")                   \
	X(IAX_CAUSE_SUSPENDED_DIFFERS, 83, "another call is suspended")              \
	X(IAX_CAUSE_IDENTITY_IN_USE, 84, "call identity in use")                     \
	X(IAX_CAUSE_NONE_SUSPENDED, 85, "no call suspended")                         \
	X(IAX_CAUSE_CLEARED, 86, "call has been cleared")                            \
	X(IAX_CAUSE_INCOMPATIBLE, 88, "incompatible destination")                    \
	X(IAX_CAUSE_INVALID_TRANSIT, 91, "invalid transit network")                  \
	X(IAX_CAUSE_INVALID_MESSAGE, 95, "invalid message")                          \
	X(IAX_CAUSE_IE_MISSING, 96, "mandatory element missing")                     \
	X(IAX_CAUSE_UNKNOWN_MESSAGE, 97, "message type unknown")                     \
	X(IAX_CAUSE_MESSAGE_NOT_NOW, 98, "message not compatible with state")        \
	X(IAX_CAUSE_UNKNOWN_IE, 99, "element unknown")                               \
	X(IAX_CAUSE_INVALID_IE, 100, "invalid element contents")                     \
	X(IAX_CAUSE_WRONG_STATE, 101, "message in wrong state")                      \
	X(IAX_CAUSE_TIMER_EXPIRED, 102, "timer expired")                             \
	X(IAX_CAUSE_IE_LENGTH, 103, "mandatory element of wrong length")             \
	X(IAX_CAUSE_PROTOCOL_ERROR, 111, "protocol error")                           \
	X(IAX_CAUSE_INTERWORKING, 127, "interworking")

#define X(name, value, text) name = (value),
enum iax_frame_type { IAX_FRAME_TYPES(X) };
enum iax_subclass { IAX_SUBCLASSES(X) };
enum iax_control { IAX_CONTROLS(X) };
enum iax_html { IAX_HTMLS(X) };
enum iax_ie { IAX_IES(X) };
enum iax_cause { IAX_CAUSES(X) };
#undef X

/* ---- Contents of elements -------------------------------------------------------------------------------------- */

enum {
	IAX_VERSION = 2, /* 8.6.10 */

	/* AUTHMETHODS, 8.6.13; bit 0 is the reserved plaintext method */
	IAX_AUTH_PLAINTEXT = 0x1,
	IAX_AUTH_MD5 = 0x2,
	IAX_AUTH_RSA = 0x4,
	IAX_MD5_DIGITS = 32, /* of MD5_RESULT */

	/* ENCRYPTION, 8.6.34; key rotation comes from practice */
	IAX_ENCRYPTION_AES128 = 0x0001,
	IAX_ENCRYPTION_ROTATES = 0x8000,

	/* DPSTATUS, 8.6.19 */
	IAX_DPSTATUS_EXISTS = 0x0001,
	IAX_DPSTATUS_CAN_EXIST = 0x0002,
	IAX_DPSTATUS_NOT_EXISTS = 0x0004,
	IAX_DPSTATUS_KEEP_TONE = 0x4000,
	IAX_DPSTATUS_MATCH_MORE = 0x8000,

	/* CALLINGPRES, 8.6.29 */
	IAX_PRES_ALLOWED = 0x00,
	IAX_PRES_ALLOWED_PASSED = 0x01,
	IAX_PRES_ALLOWED_FAILED = 0x02,
	IAX_PRES_ALLOWED_NETWORK = 0x03,
	IAX_PRES_PROHIBITED = 0x20,
	IAX_PRES_PROHIBITED_PASSED = 0x21,
	IAX_PRES_PROHIBITED_FAILED = 0x22,
	IAX_PRES_PROHIBITED_NETWORK = 0x23,
	IAX_PRES_UNAVAILABLE = 0x43,

	/* CALLINGTON, 8.6.30 */
	IAX_TON_UNKNOWN = 0x00,
	IAX_TON_INTERNATIONAL = 0x10,
	IAX_TON_NATIONAL = 0x20,
	IAX_TON_NETWORK = 0x30,
	IAX_TON_SUBSCRIBER = 0x40,
	IAX_TON_ABBREVIATED = 0x60,

	/* Defaults when the element is absent, in seconds: 8.6.18 */
	IAX_REFRESH_DEFAULT_S = 60,
	IAX_DPREP_REFRESH_DEFAULT_S = 600,

	IAX_CODEC_PREFS_MAX = 64, /* letters read of CODEC_PREFS */
};

/* ---- Media formats (8.7), one bit each; names as practice has them where it differs ----------------------------- */

#define IAX_FORMAT_G723 (UINT64_C(1) << 0)
#define IAX_FORMAT_GSM (UINT64_C(1) << 1)
#define IAX_FORMAT_ULAW (UINT64_C(1) << 2)
#define IAX_FORMAT_ALAW (UINT64_C(1) << 3)
#define IAX_FORMAT_G726AAL2 (UINT64_C(1) << 4) /* the RFC calls this bit G.726 */
#define IAX_FORMAT_ADPCM (UINT64_C(1) << 5)
#define IAX_FORMAT_SLIN (UINT64_C(1) << 6)
#define IAX_FORMAT_LPC10 (UINT64_C(1) << 7)
#define IAX_FORMAT_G729 (UINT64_C(1) << 8)
#define IAX_FORMAT_SPEEX (UINT64_C(1) << 9)
#define IAX_FORMAT_ILBC (UINT64_C(1) << 10)
#define IAX_FORMAT_G726 (UINT64_C(1) << 11) /* the RFC calls this bit G.726 AAL2 */
#define IAX_FORMAT_G722 (UINT64_C(1) << 12)
#define IAX_FORMAT_SIREN7 (UINT64_C(1) << 13) /* the RFC calls this bit AMR */
#define IAX_FORMAT_SIREN14 (UINT64_C(1) << 14)
#define IAX_FORMAT_SLIN16 (UINT64_C(1) << 15)
#define IAX_FORMAT_JPEG (UINT64_C(1) << 16)
#define IAX_FORMAT_PNG (UINT64_C(1) << 17)
#define IAX_FORMAT_H261 (UINT64_C(1) << 18)
#define IAX_FORMAT_H263 (UINT64_C(1) << 19)
#define IAX_FORMAT_H263P (UINT64_C(1) << 20)
#define IAX_FORMAT_H264 (UINT64_C(1) << 21)
#define IAX_FORMAT_MPEG4 (UINT64_C(1) << 22)
#define IAX_FORMAT_VP8 (UINT64_C(1) << 23)
#define IAX_FORMAT_THEORA (UINT64_C(1) << 24)
#define IAX_FORMAT_T140RED (UINT64_C(1) << 26)
#define IAX_FORMAT_T140 (UINT64_C(1) << 27)
#define IAX_FORMAT_GSM_HR (UINT64_C(1) << 31)
#define IAX_FORMAT_G719 (UINT64_C(1) << 32) /* from here on only FORMAT2 and CAPABILITY2 can name them */
#define IAX_FORMAT_SPEEX16 (UINT64_C(1) << 33)
#define IAX_FORMAT_OPUS (UINT64_C(1) << 34)
#define IAX_FORMAT_TESTLAW (UINT64_C(1) << 47)

#define IAX_FORMATS_AUDIO \
	(UINT64_C(0xffff) | IAX_FORMAT_GSM_HR | IAX_FORMAT_G719 | IAX_FORMAT_SPEEX16 | IAX_FORMAT_OPUS)
#define IAX_FORMATS_IMAGE (IAX_FORMAT_JPEG | IAX_FORMAT_PNG)
#define IAX_FORMATS_VIDEO (UINT64_C(0x7f) << 18)
#define IAX_FORMATS_TEXT (IAX_FORMAT_T140RED | IAX_FORMAT_T140)

#endif
