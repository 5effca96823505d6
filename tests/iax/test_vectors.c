/* SPDX-License-Identifier: Apache-2.0 */
/* Every file of tests/vectors has a row here: what it decodes to, what the door does with it, and that it encodes back to
 * the same bytes. Rows that cannot say why in `apart`. Tokens of the vectors are not ours, so the door finds them wrong. */
#include "check.h"
#include "iax/door.h"
#include "iax/frame.h"
#include "iax/show.h"
#include "iax/trunk.h"
#include "iax/vectors.h"

#include <stdlib.h>

#define TOKEN_1 "6553f100b6abacd675e2822a2a54a4e9feb590df"
#define TOKEN_2 "6553f1011021bb1b33925f8915eefaf0713901f4"
#define ALICE                                                                                              \
	"CALLED_NUMBER=1000 CALLING_NUMBER=2001 CALLING_NAME=Alice CALLED_CONTEXT=default USERNAME=alice " \
	"CAPABILITY=14 "                                                                                   \
	"FORMAT=4 LANGUAGE=en VERSION=2 ADSICPE=0 DATETIME=878979268 CALLINGPRES=0 CALLINGTON=0 CALLINGTNS=0 "

/* The call numbers, the timestamp, oseqno, iseqno, the type and the subclass of a full frame. */
#define FULL(src, dst, ts, o, i, t, ...)   \
	.want = { .class = IAX_CLASS_FULL, \
		  .source = src,           \
		  .destination = dst,      \
		  .ts_ms = ts,             \
		  .oseqno = o,             \
		  .iseqno = i,             \
		  .type = t,               \
		  .subclass = __VA_ARGS__ }
#define MINI(src, ts) .want = { .class = IAX_CLASS_MINI, .source = src, .ts_ms = ts }
#define META_VIDEO(src, ts, m) .want = { .class = IAX_CLASS_META_VIDEO, .source = src, .ts_ms = ts, .marker = m }
#define TRUNK(ts, s) .want = { .class = IAX_CLASS_META_TRUNK, .ts_ms = ts, .stamped = s }
/* Encrypted: but for the call numbers all is opaque to the codec; nothing here has the key. */
#define CIPHER(src, dst) .opaque = true, .want = { .class = IAX_CLASS_FULL, .source = src, .destination = dst }
#define CIPHER_MINI(src) .opaque = true, .want = { .class = IAX_CLASS_MINI, .source = src }

#define ANSWERS(subclass)                                   \
	{                                                   \
		IAX_DOOR_ANSWER, IAX_ERR_ANSWERED, subclass \
	}
#define REFUSES(subclass)                                   \
	{                                                   \
		IAX_DOOR_ANSWER, IAX_ERR_NO_TOKEN, subclass \
	}
#define DROPS(err)                    \
	{                             \
		IAX_DOOR_DROP, err, 0 \
	}
#define EXISTS                               \
	{                                    \
		IAX_DOOR_EXISTING, IAX_OK, 0 \
	}

static const struct row {
	const char *name;
	size_t len;
	enum iax_err err; /* of the header */
	bool opaque;
	struct iax_frame want;
	size_t payload;    /* its length */
	const char *shown; /* elements, trunk entries or text; NULL for other frames */
	enum iax_err ies_err;
	bool unsound; /* an opening frame like it is refused */
	struct {
		enum iax_door kind;
		enum iax_err why;
		uint8_t answered;
	} door; /* where tokens are required; without a row: not an opening frame */
	const char *apart;
} rows[] = {
	{ "bad-01-midget-3-bytes", 3, .err = IAX_ERR_SHORT, .door = DROPS(IAX_ERR_SHORT) },
	{ "bad-02-full-short-header", 11, .err = IAX_ERR_SHORT, .door = DROPS(IAX_ERR_SHORT) },
	{ "bad-03-ie-overrun", 22, FULL(1234, 0, 3, 0, 0, IAX_FRAME_IAX, IAX_NEW), .payload = 10,
	  .ies_err = IAX_ERR_TRUNCATED, .door = DROPS(IAX_ERR_TRUNCATED), .apart = "undecodable" },
	{ "bad-04-ie-dangling-byte", 23, FULL(1234, 0, 3, 0, 0, IAX_FRAME_IAX, IAX_NEW), .payload = 11,
	  .ies_err = IAX_ERR_TRUNCATED, .door = DROPS(IAX_ERR_TRUNCATED), .apart = "undecodable" },
	{ "bad-05-capability-len-3", 69, FULL(1234, 0, 3, 0, 0, IAX_FRAME_IAX, IAX_NEW), .payload = 57,
	  .shown = "CALLED_NUMBER=1000 CAPABILITY! VERSION=2 CALLTOKEN=" TOKEN_1, .unsound = true,
	  .door = DROPS(IAX_ERR_BAD_TOKEN), .apart = "an invalid element" },
	{ "bad-06-format2-empty", 66, FULL(1234, 0, 3, 0, 0, IAX_FRAME_IAX, IAX_NEW), .payload = 54,
	  .shown = "CALLED_NUMBER=1000 VERSION=2 CALLTOKEN=" TOKEN_1 " FORMAT2!", .unsound = true,
	  .door = DROPS(IAX_ERR_BAD_TOKEN), .apart = "an invalid element" },
	{ "bad-07-osptoken-empty", 66, FULL(1234, 0, 3, 0, 0, IAX_FRAME_IAX, IAX_NEW), .payload = 54,
	  .shown = "CALLED_NUMBER=1000 VERSION=2 OSPTOKEN! CALLTOKEN=" TOKEN_1, .door = DROPS(IAX_ERR_BAD_TOKEN),
	  .apart = "an invalid element" },
	{ "bad-08-appaddr-len-5", 23, FULL(5678, 1234, 5003, 5, 3, IAX_FRAME_IAX, IAX_TXREQ), .payload = 11,
	  .shown = "APPARENT_ADDR! CALLNO=4321", .unsound = true, .apart = "an invalid element" },
	{ "bad-09-trunk-len-overrun", 24, TRUNK(1, true), .payload = 16, .shown = "cut",
	  .apart = "an entry that is cut" },
	{ "bad-10-trunk-6byte-tail", 21, TRUNK(1, true), .payload = 13, .shown = "2001@20:2 cut",
	  .apart = "an entry that is cut" },
	{ "bad-11-meta-unknown-command", 8, .err = IAX_ERR_BAD_META, .door = DROPS(IAX_ERR_BAD_META) },
	{ "bad-12-meta-video-5-bytes", 5, .err = IAX_ERR_SHORT, .door = DROPS(IAX_ERR_SHORT) },
	{ "bad-13-subclass-two-bits-voice", 45, FULL(1234, 5678, 70000, 3, 5, IAX_FRAME_VOICE, 3), .payload = 33 },
	{ "bad-14-subclass-shift-63", 45, FULL(1234, 5678, 70000, 3, 5, IAX_FRAME_VOICE, 0), .payload = 33,
	  .apart = "a format that is none" },
	{ "bad-15-enc-not-multiple", 49, CIPHER(5678, 1234), .payload = 37 },
	{ "bad-16-enc-too-short", 20, CIPHER(1234, 5678), .payload = 8 },
	{ "bad-17-new-version-3", 64, FULL(1234, 0, 3, 0, 0, IAX_FRAME_IAX, IAX_NEW), .payload = 52,
	  .shown = "CALLED_NUMBER=1000 VERSION=3 CALLTOKEN=" TOKEN_1, .door = DROPS(IAX_ERR_BAD_TOKEN) },
	{ "bad-18-nul-in-username", 72, FULL(1234, 0, 3, 0, 0, IAX_FRAME_IAX, IAX_NEW), .payload = 60,
	  .shown = "CALLED_NUMBER=1000 USERNAME! VERSION=2 CALLTOKEN=" TOKEN_1, .unsound = true,
	  .door = DROPS(IAX_ERR_BAD_TOKEN), .apart = "an invalid element" },
	{ "bad-19-null-frame", 12, FULL(1234, 5678, 70000, 3, 5, IAX_FRAME_NULL, 0x0) },
	{ "bad-20-new-to-nonzero-dcall", 22, FULL(1234, 5678, 3, 0, 0, IAX_FRAME_IAX, IAX_NEW), .payload = 10,
	  .shown = "CALLED_NUMBER=1000 VERSION=2" },
	{ "bad-21-token-one-digit-changed", 156, FULL(1234, 0, 24, 0, 0, IAX_FRAME_IAX, IAX_NEW), .payload = 144,
	  .shown = ALICE "CODEC_PREFS=DEC CALLTOKEN=6553f100b6abacd675e2022a2a54a4e9feb590df CAPABILITY2=14 FORMAT2=4",
	  .door = DROPS(IAX_ERR_BAD_TOKEN) },
	{ "bad-22-token-other-port", 156, FULL(1234, 0, 24, 0, 0, IAX_FRAME_IAX, IAX_NEW), .payload = 144,
	  .shown = ALICE "CODEC_PREFS=DEC CALLTOKEN=6553f10079431df4b5621cd1074868b51d080f79 CAPABILITY2=14 FORMAT2=4",
	  .door = DROPS(IAX_ERR_BAD_TOKEN) },
	{ "bad-23-token-not-hex", 156, FULL(1234, 0, 24, 0, 0, IAX_FRAME_IAX, IAX_NEW), .payload = 144,
	  .shown = ALICE "CODEC_PREFS=DEC CALLTOKEN=ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ CAPABILITY2=14 FORMAT2=4",
	  .door = DROPS(IAX_ERR_BAD_TOKEN) },
	{ "bad-24-source-number-0", 116, FULL(0, 0, 3, 0, 0, IAX_FRAME_IAX, IAX_NEW), .payload = 104,
	  .shown = ALICE "CODEC_PREFS=DEC CALLTOKEN= CAPABILITY2=14 FORMAT2=4", .door = DROPS(IAX_ERR_SOURCE_ZERO) },
	{ "bad-25-callno-high-bit", 16, FULL(5678, 1234, 5200, 6, 4, IAX_FRAME_IAX, IAX_TXREL), .payload = 4,
	  .shown = "CALLNO!", .unsound = true, .apart = "an invalid element" },
	{ "bad-26-text-compressed-subclass", 13, FULL(1234, 5678, 31100, 9, 7, IAX_FRAME_TEXT, 0x90), .payload = 1,
	  .shown = "x" },
	{ "bad-27-datetime-nonsense", 70, FULL(1234, 0, 3, 0, 0, IAX_FRAME_IAX, IAX_NEW), .payload = 58,
	  .shown = "CALLED_NUMBER=1000 VERSION=2 DATETIME! CALLTOKEN=" TOKEN_1, .door = DROPS(IAX_ERR_BAD_TOKEN),
	  .apart = "an invalid element" },
	{ "call-01-new-empty-token", 116, FULL(1234, 0, 3, 0, 0, IAX_FRAME_IAX, IAX_NEW), .payload = 104,
	  .shown = ALICE "CODEC_PREFS=DEC CALLTOKEN= CAPABILITY2=14 FORMAT2=4", .door = ANSWERS(IAX_CALLTOKEN) },
	{ "call-02-calltoken", 54, FULL(1, 1234, 3, 0, 1, IAX_FRAME_IAX, IAX_CALLTOKEN), .payload = 42,
	  .shown = "CALLTOKEN=" TOKEN_1 },
	{ "call-03-new-with-token", 156, FULL(1234, 0, 24, 0, 0, IAX_FRAME_IAX, IAX_NEW), .payload = 144,
	  .shown = ALICE "CODEC_PREFS=DEC CALLTOKEN=" TOKEN_1 " CAPABILITY2=14 FORMAT2=4",
	  .door = DROPS(IAX_ERR_BAD_TOKEN) },
	{ "call-04-ack-new", 12, FULL(5678, 1234, 24, 0, 1, IAX_FRAME_IAX, IAX_ACK), .shown = "" },
	{ "call-05-authreq", 34, FULL(5678, 1234, 40, 0, 1, IAX_FRAME_IAX, IAX_AUTHREQ), .payload = 22,
	  .shown = "USERNAME=alice AUTHMETHODS=2 CHALLENGE=163467239" },
	{ "call-06-authrep", 46, FULL(1234, 5678, 63, 1, 1, IAX_FRAME_IAX, IAX_AUTHREP), .payload = 34,
	  .shown = "MD5_RESULT=b86b8f5a78734ee3da0d13b06b65055c" },
	{ "call-07-accept", 29, FULL(5678, 1234, 80, 1, 2, IAX_FRAME_IAX, IAX_ACCEPT), .payload = 17,
	  .shown = "FORMAT=4 FORMAT2=4" },
	{ "call-08-ack-accept", 12, FULL(1234, 5678, 80, 2, 2, IAX_FRAME_IAX, IAX_ACK), .shown = "" },
	{ "call-09-proceeding", 12, FULL(5678, 1234, 83, 2, 2, IAX_FRAME_CONTROL, IAX_CONTROL_PROCEEDING) },
	{ "call-10-ringing", 12, FULL(5678, 1234, 120, 3, 2, IAX_FRAME_CONTROL, IAX_CONTROL_RINGING) },
	{ "call-11-ack-ringing", 12, FULL(1234, 5678, 120, 2, 4, IAX_FRAME_IAX, IAX_ACK), .shown = "" },
	{ "call-12-answer", 12, FULL(5678, 1234, 2500, 4, 2, IAX_FRAME_CONTROL, IAX_CONTROL_ANSWER) },
	{ "call-13-voice-full-ulaw", 172, FULL(1234, 5678, 2520, 2, 5, IAX_FRAME_VOICE, IAX_FORMAT_ULAW),
	  .payload = 160 },
	{ "call-14-voice-mini", 164, MINI(1234, 2540), .payload = 160 },
	{ "call-15-voice-mini-before-wrap", 164, MINI(1234, 65520), .payload = 160 },
	{ "call-16-voice-mini-after-wrap", 164, MINI(1234, 4), .payload = 160 },
	{ "call-17-voice-full-g722", 172, FULL(1234, 5678, 70000, 3, 5, IAX_FRAME_VOICE, IAX_FORMAT_G722),
	  .payload = 160 },
	{ "call-18-voice-full-lpc10", 19, FULL(1234, 5678, 70020, 4, 5, IAX_FRAME_VOICE, IAX_FORMAT_LPC10),
	  .payload = 7 },
	{ "call-19-ping", 12, FULL(1234, 5678, 81003, 5, 5, IAX_FRAME_IAX, IAX_PING), .shown = "" },
	{ "call-20-pong", 46, FULL(5678, 1234, 81003, 5, 6, IAX_FRAME_IAX, IAX_PONG), .payload = 34,
	  .shown = "RR_JITTER=12 RR_LOSS=16777223 RR_PKTS=1050 RR_DELAY=40 RR_DROPPED=2 RR_OOO=1" },
	{ "call-21-lagrq", 12, FULL(1234, 5678, 90003, 6, 6, IAX_FRAME_IAX, IAX_LAGRQ), .shown = "" },
	{ "call-22-lagrp", 12, FULL(5678, 1234, 90003, 6, 7, IAX_FRAME_IAX, IAX_LAGRP), .shown = "" },
	{ "call-23-dtmf-begin", 12, FULL(1234, 5678, 91003, 7, 7, IAX_FRAME_DTMF_BEGIN, '5') },
	{ "call-24-dtmf-end", 12, FULL(1234, 5678, 91083, 8, 7, IAX_FRAME_DTMF_END, '5') },
	{ "call-25-text", 18, FULL(1234, 5678, 91100, 9, 7, IAX_FRAME_TEXT, 0x0), .payload = 6,
	  .shown = "h\\xc3\\xa9llo" },
	{ "call-26-quelch-moh", 18, FULL(5678, 1234, 91200, 7, 10, IAX_FRAME_IAX, IAX_QUELCH), .payload = 6,
	  .shown = "MUSICONHOLD=jazz" },
	{ "call-27-unquelch", 12, FULL(5678, 1234, 91900, 8, 10, IAX_FRAME_IAX, IAX_UNQUELCH), .shown = "" },
	{ "call-28-hangup", 32, FULL(1234, 5678, 100003, 10, 9, IAX_FRAME_IAX, IAX_HANGUP), .payload = 20,
	  .shown = "CAUSE=Normal Clearing CAUSECODE=16" },
	{ "call-29-ack-hangup", 12, FULL(5678, 1234, 100003, 9, 11, IAX_FRAME_IAX, IAX_ACK), .shown = "" },
	{ "call-30-inval", 12, FULL(5678, 1234, 0, 0, 0, IAX_FRAME_IAX, IAX_INVAL), .shown = "" },
	{ "call-31-vnak", 12, FULL(5678, 1234, 2600, 3, 3, IAX_FRAME_IAX, IAX_VNAK), .shown = "" },
	{ "call-32-retransmission", 172, FULL(1234, 5678, 2520, 2, 5, IAX_FRAME_VOICE, IAX_FORMAT_ULAW, .retry = true),
	  .payload = 160 },
	{ "call-33-unsupport", 15, FULL(5678, 1234, 50003, 10, 12, IAX_FRAME_IAX, IAX_UNSUPPORT), .payload = 3,
	  .shown = "IAX_UNKNOWN=126" },
	{ "call-34-reject-codec", 42, FULL(5678, 1234, 40, 0, 1, IAX_FRAME_IAX, IAX_REJECT), .payload = 30,
	  .shown = "CAUSE=Unable to negotiate codec CAUSECODE=58" },
	{ "call-35-reject-token-required", 15, FULL(1, 1234, 3, 0, 1, IAX_FRAME_IAX, IAX_REJECT), .payload = 3,
	  .shown = "CAUSECODE=50" },
	{ "call-36-html-nosupport", 12, FULL(5678, 1234, 50100, 11, 12, IAX_FRAME_HTML, IAX_HTML_NOT_SUPPORTED) },
	{ "call-37-cng", 12, FULL(1234, 5678, 50200, 12, 12, IAX_FRAME_CNG, 0x3c) },
	{ "call-38-control-stopsounds", 12,
	  FULL(1234, 5678, 50300, 13, 12, IAX_FRAME_CONTROL, IAX_CONTROL_STOP_TONES) },
	{ "call-39-variable", 64, FULL(1234, 0, 3, 0, 0, IAX_FRAME_IAX, IAX_NEW), .payload = 52,
	  .shown = "CALLED_NUMBER=1000 VERSION=2 VARIABLE=ACCT=42 VARIABLE=NOTE=part one  VARIABLE=NOTE=part two "
	           "CALLTOKEN=",
	  .door = ANSWERS(IAX_CALLTOKEN) },
	{ "call-40-new-old-client", 114, FULL(1234, 0, 3, 0, 0, IAX_FRAME_IAX, IAX_NEW), .payload = 102,
	  .shown = ALICE "CODEC_PREFS=DEC CAPABILITY2=14 FORMAT2=4", .door = REFUSES(IAX_REJECT) },
	{ "call-41-calltoken-source-0", 54, FULL(0, 1234, 3, 0, 1, IAX_FRAME_IAX, IAX_CALLTOKEN), .payload = 42,
	  .shown = "CALLTOKEN=" TOKEN_1 },
	{ "call-42-ack-to-number-1", 12, FULL(1234, 1, 3, 1, 1, IAX_FRAME_IAX, IAX_ACK), .shown = "" },
	{ "call-43-seq-255", 12, FULL(1234, 5678, 61003, 255, 200, IAX_FRAME_IAX, IAX_PING), .shown = "" },
	{ "call-44-seq-wrap-0", 12, FULL(1234, 5678, 71003, 0, 201, IAX_FRAME_IAX, IAX_LAGRQ), .shown = "" },
	{ "call-45-early-hangup", 15, FULL(1234, 0, 900, 1, 0, IAX_FRAME_IAX, IAX_HANGUP), .payload = 3,
	  .shown = "CAUSECODE=16", .door = EXISTS },
	{ "call-46-unknown-ie-and-subclass", 17, FULL(1234, 5678, 51003, 13, 11, IAX_FRAME_IAX, 0x7e), .payload = 5,
	  .shown = "", .apart = "unknown elements are skipped" },
	{ "dp-01-new-tbd", 42, FULL(1234, 0, 3, 0, 0, IAX_FRAME_IAX, IAX_NEW), .payload = 30,
	  .shown = "CALLED_NUMBER=TBD USERNAME=alice CAPABILITY=14 FORMAT=4 VERSION=2 CALLTOKEN=",
	  .door = ANSWERS(IAX_CALLTOKEN) },
	{ "dp-02-dpreq", 16, FULL(1234, 5678, 1003, 2, 2, IAX_FRAME_IAX, IAX_DPREQ), .payload = 4,
	  .shown = "CALLED_NUMBER=10" },
	{ "dp-03-dprep", 24, FULL(5678, 1234, 1010, 2, 3, IAX_FRAME_IAX, IAX_DPREP), .payload = 12,
	  .shown = "CALLED_NUMBER=10 REFRESH=600 DPSTATUS=32770" },
	{ "dp-04-dial", 18, FULL(1234, 5678, 2003, 3, 3, IAX_FRAME_IAX, IAX_DIAL), .payload = 6,
	  .shown = "CALLED_NUMBER=1000" },
	{ "enc-01-new", 160, FULL(1234, 0, 24, 0, 0, IAX_FRAME_IAX, IAX_NEW), .payload = 148,
	  .shown = ALICE "ENCRYPTION=32769 CODEC_PREFS=DEC CALLTOKEN=" TOKEN_1 " CAPABILITY2=14 FORMAT2=4",
	  .door = DROPS(IAX_ERR_BAD_TOKEN) },
	{ "enc-02-authreq", 38, FULL(5678, 1234, 40, 0, 1, IAX_FRAME_IAX, IAX_AUTHREQ), .payload = 26,
	  .shown = "USERNAME=alice AUTHMETHODS=2 CHALLENGE=412345678 ENCRYPTION=1",
	  .apart = "order of elements is free: ours has ENCRYPTION behind USERNAME" },
	{ "enc-03-authrep-cipher", 68, CIPHER(1234, 5678), .payload = 56 },
	{ "enc-03-authrep-plain", 46, FULL(1234, 5678, 63, 1, 1, IAX_FRAME_IAX, IAX_AUTHREP), .payload = 34,
	  .shown = "MD5_RESULT=686478f9923c89ace6177a19771d1307" },
	{ "enc-04-accept-cipher", 52, CIPHER(5678, 1234), .payload = 40 },
	{ "enc-04-accept-plain", 29, FULL(5678, 1234, 80, 1, 2, IAX_FRAME_IAX, IAX_ACCEPT), .payload = 17,
	  .shown = "FORMAT=4 FORMAT2=4" },
	{ "enc-05-ack-cipher", 36, CIPHER(1234, 5678), .payload = 24 },
	{ "enc-05-ack-plain", 12, FULL(1234, 5678, 80, 2, 2, IAX_FRAME_IAX, IAX_ACK), .shown = "" },
	{ "enc-06-mini-cipher", 194, CIPHER_MINI(1234), .payload = 190 },
	{ "enc-06-mini-plain", 164, MINI(1234, 2540), .payload = 160 },
	{ "enc-07-rtkey-cipher", 52, CIPHER(5678, 1234), .payload = 40 },
	{ "enc-07-rtkey-plain", 30, FULL(5678, 1234, 2600, 2, 2, IAX_FRAME_IAX, IAX_RTKEY), .payload = 18,
	  .shown = "CHALLENGE=\\x81-C\\xbfd\\xca\\xed\\x9e\\xda\\xc6\\x95V%T\\x0cN" },
	{ "enc-08-mini-newkey-cipher", 194, CIPHER_MINI(5678), .payload = 190 },
	{ "enc-08-mini-newkey-plain", 164, MINI(5678, 2620), .payload = 160 },
	{ "fw-01-fwdownl", 26, FULL(700, 0, 3, 0, 0, IAX_FRAME_IAX, IAX_FWDOWNL), .payload = 14,
	  .shown = "DEVICETYPE=iaxy FWBLOCKDESC=1480 CALLTOKEN=", .door = ANSWERS(IAX_CALLTOKEN) },
	{ "fw-02-unsupport", 15, FULL(1, 700, 3, 0, 1, IAX_FRAME_IAX, IAX_UNSUPPORT), .payload = 3,
	  .shown = "IAX_UNKNOWN=36" },
	{ "poke-01-poke", 14, FULL(900, 0, 3, 0, 0, IAX_FRAME_IAX, IAX_POKE), .payload = 2,
	  .shown = "CALLTOKEN=", .door = ANSWERS(IAX_PONG) },
	{ "poke-02-pong", 12, FULL(1, 900, 3, 0, 1, IAX_FRAME_IAX, IAX_PONG), .shown = "" },
	{ "reg-01-regreq-empty-token", 23, FULL(300, 0, 3, 0, 0, IAX_FRAME_IAX, IAX_REGREQ), .payload = 11,
	  .shown = "USERNAME=bob REFRESH=60 CALLTOKEN=", .door = ANSWERS(IAX_CALLTOKEN) },
	{ "reg-02-calltoken", 54, FULL(1, 300, 3, 0, 1, IAX_FRAME_IAX, IAX_CALLTOKEN), .payload = 42,
	  .shown = "CALLTOKEN=" TOKEN_2 },
	{ "reg-03-regreq-token", 63, FULL(300, 0, 20, 0, 0, IAX_FRAME_IAX, IAX_REGREQ), .payload = 51,
	  .shown = "USERNAME=bob REFRESH=60 CALLTOKEN=" TOKEN_2, .door = DROPS(IAX_ERR_BAD_TOKEN) },
	{ "reg-04-regauth", 32, FULL(17001, 300, 12, 0, 1, IAX_FRAME_IAX, IAX_REGAUTH), .payload = 20,
	  .shown = "USERNAME=bob AUTHMETHODS=2 CHALLENGE=904273551" },
	{ "reg-05-regreq-md5", 55, FULL(300, 17001, 41, 1, 1, IAX_FRAME_IAX, IAX_REGREQ), .payload = 43,
	  .shown = "USERNAME=bob MD5_RESULT=35dfd078de73e6b9e6bed69afa14e015 REFRESH=60" },
	{ "reg-06-regack", 49, FULL(17001, 300, 55, 1, 2, IAX_FRAME_IAX, IAX_REGACK), .payload = 37,
	  .shown = "USERNAME=bob APPARENT_ADDR=203.0.113.7:4569 REFRESH=60 MSGCOUNT=770 DATETIME=878979268" },
	{ "reg-07-ack-regack", 12, FULL(300, 17001, 55, 2, 2, IAX_FRAME_IAX, IAX_ACK), .shown = "" },
	{ "reg-08-regrej", 37, FULL(17001, 300, 55, 1, 2, IAX_FRAME_IAX, IAX_REGREJ), .payload = 25,
	  .shown = "CAUSE=Registration Refused CAUSECODE=29" },
	{ "reg-09-regrel", 19, FULL(301, 0, 3, 0, 0, IAX_FRAME_IAX, IAX_REGREL), .payload = 7,
	  .shown = "USERNAME=bob CALLTOKEN=", .door = DROPS(IAX_ERR_SHORT_REQUEST) },
	{ "reg-10-regrel-md5", 51, FULL(301, 17002, 60, 1, 1, IAX_FRAME_IAX, IAX_REGREL), .payload = 39,
	  .shown = "USERNAME=bob MD5_RESULT=b0b7cd8d6d665c63ef9706a25f7ae069" },
	{ "reg-11-regack-ipv6", 57, FULL(17001, 300, 55, 1, 2, IAX_FRAME_IAX, IAX_REGACK), .payload = 45,
	  .shown = "USERNAME=bob APPARENT_ADDR=[2001:db8::1]:4569 REFRESH=120 DATETIME=878979268" },
	{ "trunk-01-timestamps", 213, TRUNK(123456, true), .payload = 205, .shown = "2001@1020:160 2002@65500:33" },
	{ "trunk-02-no-timestamps", 209, TRUNK(123476, false), .payload = 201, .shown = "2001@0:160 2002@0:33" },
	{ "tx-01-txreq", 40, FULL(5678, 1234, 5003, 5, 3, IAX_FRAME_IAX, IAX_TXREQ), .payload = 28,
	  .shown = "APPARENT_ADDR=198.51.100.9:4569 CALLNO=4321 TRANSFERID=195939070" },
	{ "tx-02-txcnt", 18, FULL(1234, 4321, 5040, 0, 0, IAX_FRAME_IAX, IAX_TXCNT), .payload = 6,
	  .shown = "TRANSFERID=195939070" },
	{ "tx-03-txacc", 18, FULL(4321, 1234, 5100, 0, 0, IAX_FRAME_IAX, IAX_TXACC), .payload = 6,
	  .shown = "TRANSFERID=195939070" },
	{ "tx-04-txready", 22, FULL(1234, 5678, 5140, 3, 6, IAX_FRAME_IAX, IAX_TXREADY), .payload = 10,
	  .shown = "CALLNO=1234 TRANSFERID=195939070" },
	{ "tx-05-txrel", 16, FULL(5678, 1234, 5200, 6, 4, IAX_FRAME_IAX, IAX_TXREL), .payload = 4,
	  .shown = "CALLNO=4321" },
	{ "tx-06-txrej", 33, FULL(1234, 5678, 5300, 3, 6, IAX_FRAME_IAX, IAX_TXREJ), .payload = 21,
	  .shown = "CAUSE=Transfer refused CAUSECODE=29" },
	{ "tx-07-txmedia", 16, FULL(5678, 1234, 5200, 6, 4, IAX_FRAME_IAX, IAX_TXMEDIA), .payload = 4,
	  .shown = "CALLNO=4321" },
	{ "video-01-full-h264-mark", 16, FULL(1234, 5678, 3000, 3, 5, IAX_FRAME_VIDEO, IAX_FORMAT_H264, .marker = true),
	  .payload = 4 },
	{ "video-02-meta", 10, META_VIDEO(1234, 3040, true), .payload = 4 },
};

static void check_header(const struct row *row, const struct iax_frame *got)
{
	CHECK_UINT(got->class, row->want.class);
	CHECK_UINT(got->source, row->want.source);
	CHECK_UINT(got->destination, row->want.destination);
	CHECK_UINT(got->payload.len, row->payload);
	if (row->opaque) {
		return;
	}
	CHECK_UINT(got->ts_ms, row->want.ts_ms);
	CHECK_UINT(got->oseqno, row->want.oseqno);
	CHECK_UINT(got->iseqno, row->want.iseqno);
	CHECK_UINT(got->type, row->want.type);
	CHECK_UINT(got->subclass, row->want.subclass);
	CHECK_UINT(got->retry, row->want.retry);
	CHECK_UINT(got->marker, row->want.marker);
	CHECK_UINT(got->stamped, row->want.stamped);
}

static bool has_elements(const struct iax_frame *frame)
{
	return frame->class == IAX_CLASS_FULL && frame->type == IAX_FRAME_IAX;
}

static bool encode_trunk(const struct iax_frame *frame, struct tg_writer *w)
{
	struct iax_trunk_walk walk = iax_trunk_walk_of(frame);
	struct iax_trunk_entry entry;

	while (iax_trunk_next(&walk, &entry)) {
		if (iax_trunk_put_entry(w, frame->stamped, &entry) != IAX_OK) {
			return false;
		}
	}
	return true;
}

/* From the decoded fields alone. */
static struct tg_span encode(const struct iax_frame *frame, const struct iax_ies *ies, struct tg_writer *w)
{
	const struct tg_span nothing = { 0 };

	if (iax_frame_put_header(frame, w) != IAX_OK) {
		return nothing;
	}
	if (has_elements(frame)) {
		return iax_ies_encode(ies, w) == IAX_OK ? tg_writer_span(w) : nothing;
	}
	if (frame->class == IAX_CLASS_META_TRUNK) {
		return encode_trunk(frame, w) ? tg_writer_span(w) : nothing;
	}
	tg_put_span(w, frame->payload);
	return tg_writer_span(w);
}

static const char *show(const struct iax_frame *frame, const struct iax_ies *ies, char text[SHOW_BYTES])
{
	if (has_elements(frame)) {
		return show_ies(text, ies);
	}
	if (frame->class == IAX_CLASS_META_TRUNK) {
		return show_trunk(text, frame);
	}
	return frame->class == IAX_CLASS_FULL && frame->type == IAX_FRAME_TEXT ? show_bytes(text, frame->payload)
	                                                                       : NULL;
}

static void check_content(const struct row *row, const struct iax_frame *frame, struct tg_span bytes)
{
	struct iax_ies ies = { 0 };
	uint8_t buffer[VECTOR_BYTES_MAX];
	struct tg_writer w = tg_writer_of(buffer, sizeof(buffer));
	char text[SHOW_BYTES];

	if (has_elements(frame)) {
		CHECK_UINT(iax_ies_decode(&ies, frame->payload), row->ies_err);
		CHECK_UINT(ies.twice, 0);
	}
	if (row->ies_err != IAX_OK) {
		CHECK_TRUE(row->apart != NULL);
		return;
	}
	CHECK_TEXT(show(frame, &ies, text), row->shown);
	CHECK_UINT(iax_ies_is_sound(&ies), !row->unsound);
	if (row->apart == NULL) {
		CHECK_SPAN(encode(frame, &ies, &w), bytes);
	} else {
		CHECK_FALSE(tg_span_equal(encode(frame, &ies, &w), bytes));
	}
}

static void check_door(const struct row *row, struct tg_span bytes)
{
	static const uint8_t key[CRYPT_KEY_BYTES] = { 1, 2, 3 };
	const struct iax_door_policy policy = { .token_required = true };
	const struct tg_addr remote = tg_addr_ipv4((const uint8_t[]){ 203, 0, 113, 7 }, IAX_PORT);
	const struct tg_addr local = tg_addr_ipv4((const uint8_t[]){ 192, 0, 2, 1 }, IAX_PORT);
	const bool silent = row->door.kind == IAX_DOOR_DROP && row->door.why == IAX_OK;
	struct iax_door_verdict verdict;
	struct iax_token_keys keys;

	iax_token_keys_init(&keys, key, 8000, false, UINT64_C(1700000000) * TG_US_PER_S, 0);
	CHECK_UINT(iax_door_judge(&verdict, &policy, &keys, &remote, &local, bytes, 0), row->door.kind);
	CHECK_UINT(verdict.kind, row->door.kind);
	CHECK_UINT(verdict.why, silent ? IAX_ERR_NOT_OPENING : row->door.why);
	CHECK_UINT(verdict.answered, row->door.answered);
	CHECK_TRUE(verdict.answer_len <= bytes.len);
}

static void test_vector(void **state)
{
	const struct row *row = *state;
	uint8_t file[VECTOR_BYTES_MAX];
	const size_t len = vector_read(row->name, file);
	uint8_t *exact = malloc(len); /* so that a sanitizer sees every octet read beyond it */
	struct iax_frame frame;

	CHECK_UINT(len, row->len);
	CHECK_TRUE(exact != NULL);
	memcpy(exact, file, len);
	const struct tg_span bytes = { exact, len };

	CHECK_UINT(iax_frame_decode(&frame, bytes), row->err);
	if (row->err == IAX_OK) {
		check_header(row, &frame);
	}
	if (row->err == IAX_OK && !row->opaque) {
		check_content(row, &frame, bytes);
	}
	check_door(row, bytes);
	CHECK_TRUE(vector_is_in_index(row->name, row->len));
	free(exact);
}

static void test_each_file_has_a_row(void **state)
{
	static char names[VECTORS_MAX][VECTOR_NAME_BYTES];
	const size_t count = vector_names(names);
	(void)state;

	for (size_t i = 0; i < count; i++) {
		CHECK_TEXT(i < TG_COUNT(rows) ? rows[i].name : NULL, names[i]);
	}
	CHECK_UINT(count, TG_COUNT(rows));
}

/* What the door says to these requests, the vectors have, too. */
static void test_answers_of_the_door_are_vectors(void **state)
{
	static const struct {
		const char *request, *answer;
	} pairs[] = {
		{ "call-40-new-old-client", "call-35-reject-token-required" },
		{ "poke-01-poke", "poke-02-pong" },
	};
	const struct iax_door_policy policy = { .token_required = true };
	const struct tg_addr nobody = { 0 };
	const struct iax_token_keys keys = { .slot_ms = 8000 };
	(void)state;

	for (size_t i = 0; i < TG_COUNT(pairs); i++) {
		uint8_t request[VECTOR_BYTES_MAX], answer[VECTOR_BYTES_MAX];
		const struct tg_span in = { request, vector_read(pairs[i].request, request) };
		const struct tg_span want = { answer, vector_read(pairs[i].answer, answer) };
		struct iax_door_verdict verdict;

		iax_door_judge(&verdict, &policy, &keys, &nobody, &nobody, in, 0);
		CHECK_SPAN(((struct tg_span){ verdict.answer, verdict.answer_len }), want);
	}
}

int main(void)
{
	static struct CMUnitTest tests[TG_COUNT(rows) + 2];
	size_t count = 0;

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		tests[count++] = (struct CMUnitTest){ rows[i].name, test_vector, NULL, NULL,
			                              (void *)(uintptr_t)&rows[i] };
	}
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_each_file_has_a_row);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_answers_of_the_door_are_vectors);
	return _cmocka_run_group_tests("vectors", tests, count, NULL, NULL);
}
