/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "daemon/secfiles.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct seclog_writer writer = { .pid = 4711, .utc_offset_s = 7200, .host = "exchange" };

static struct tg_addr addr_of(const char *text)
{
	struct tg_addr addr;

	CHECK_TRUE(tg_addr_parse(&addr, tg_span_text(text), 0));
	return addr;
}

static struct model_event event_of(enum model_event_kind kind, enum model_reason reason, enum model_request request)
{
	return (struct model_event){
		.id = { UINT64_C(0x019f3f5a7c010000), 0x1234 },
		.wall_ms = UINT64_C(1785933296789), /* 2026-08-05 12:34:56 UTC */
		.kind = kind,
		.reason = reason,
		.request = request,
		.validated = 1,
		.class = MODEL_CLASS_NEW,
		.remote = addr_of("203.0.113.5:4569"),
		.local = addr_of("192.0.2.1:4569"),
		.account = "alice",
		.exten = "100",
		.context = "phones",
	};
}

static const char *line_of(enum seclog_form form, const struct model_event *event)
{
	static char line[SECLOG_LINE_BYTES];

	const size_t len = seclog_format(line, form, event, &writer);

	CHECK_UINT(len, strlen(line));
	return line;
}

/* ---- Plain lines ---- */

#define HEAD "[2026-08-05 14:34:56] "

static void test_a_failed_attempt_is_one_line_that_watchers_know(void **state)
{
	static const struct {
		enum model_event_kind kind;
		enum model_reason why;
		enum model_request request;
		const char *remote, *want;
	} rows[] = {
		{ MODEL_EVENT_INVALID_ACCOUNT, MODEL_WHY_NO_ACCOUNT, MODEL_REQUEST_REGISTER, "203.0.113.5:4569",
		  HEAD "NOTICE[4711] iax2.c:1 reg_verify: Registration from 'alice' failed for '203.0.113.5:4569' - No "
		       "matching peer found" },
		{ MODEL_EVENT_CHALLENGE_FAILED, MODEL_WHY_WRONG, MODEL_REQUEST_REGISTER, "[2001:db8::5]:4569",
		  HEAD "NOTICE[4711] iax2.c:1 reg_verify: Registration from 'alice' failed for '[2001:db8::5]:4569' - "
		       "Wrong password" },
		{ MODEL_EVENT_CHALLENGE_FAILED, MODEL_WHY_WRONG, MODEL_REQUEST_RELEASE, "203.0.113.5:4569",
		  HEAD "NOTICE[4711] iax2.c:1 reg_verify: Registration from 'alice' failed for '203.0.113.5:4569' - "
		       "Wrong password" },
		{ MODEL_EVENT_REQUEST_NOT_ALLOWED, MODEL_WHY_STATIC, MODEL_REQUEST_REGISTER, "203.0.113.5:4569",
		  HEAD "NOTICE[4711] iax2.c:1 reg_verify: Registration from 'alice' failed for '203.0.113.5:4569' - "
		       "Peer is not supposed to register" },
		{ MODEL_EVENT_FAILED_ACL, MODEL_WHY_ACL, MODEL_REQUEST_REGISTER, "203.0.113.5:4569",
		  HEAD "NOTICE[4711] iax2.c:1 reg_verify: Registration from 'alice' failed for '203.0.113.5:4569' - "
		       "Device does not match ACL" },
		{ MODEL_EVENT_INVALID_ACCOUNT, MODEL_WHY_NO_ACCOUNT, MODEL_REQUEST_CALL, "203.0.113.5:4569",
		  HEAD "NOTICE[4711] iax2.c:1 call_verify: Host 203.0.113.5 failed to authenticate as 'alice'" },
		{ MODEL_EVENT_CHALLENGE_FAILED, MODEL_WHY_WRONG, MODEL_REQUEST_CALL, "[2001:db8::5]:4569",
		  HEAD "NOTICE[4711] iax2.c:1 call_verify: Host 2001:db8::5 failed to authenticate as 'alice'" },
		{ MODEL_EVENT_REQUEST_NOT_ALLOWED, MODEL_WHY_NO_EXTEN, MODEL_REQUEST_CALL, "203.0.113.5:4569",
		  HEAD "NOTICE[4711] iax2.c:1 call_route: Call from 'alice' (203.0.113.5:4569) to extension '100' "
		       "rejected because extension not found in context 'phones'." },
	};

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct model_event event = event_of(rows[i].kind, rows[i].why, rows[i].request);

		event.remote = addr_of(rows[i].remote);
		CHECK_TEXT(line_of(SECLOG_PLAIN, &event), rows[i].want);
		CHECK_TRUE(seclog_is_counted(&event));
		event.validated = 0;
		CHECK_FALSE(seclog_is_counted(&event));
		CHECK_TRUE(strstr(line_of(SECLOG_PLAIN, &event), HEAD "INFO[4711] iax2.c:1 event_tell: ") != NULL);
		CHECK_TRUE(strstr(line_of(SECLOG_EVENT, &event), HEAD "INFO[4711] iax2.c:1 event_tell: ") != NULL);
	}
}

/* What would have a customer's address banned by a watcher that knows less than the guard. */
static void test_what_speaks_for_a_customer_is_not_counted(void **state)
{
	static const enum model_reason reasons[] = { MODEL_WHY_STALE, MODEL_WHY_PAIR, MODEL_WHY_GUARDED };

	(void)state;
	for (size_t i = 0; i < TG_COUNT(reasons); i++) {
		const struct model_event event = event_of(MODEL_EVENT_CHALLENGE_FAILED, reasons[i],
		                                          MODEL_REQUEST_REGISTER);

		CHECK_FALSE(seclog_is_counted(&event));
		CHECK_TRUE(strstr(line_of(SECLOG_EVENT, &event), "] INFO[") != NULL);
	}
}

/* One attempt is one line: what is told of many of them, or of what was done about them, is none. */
static void test_only_attempts_are_counted(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < MODEL_EVENT_KINDS; kind++) {
		const struct model_event event = event_of((enum model_event_kind)kind, MODEL_WHY_WRONG,
		                                          MODEL_REQUEST_REGISTER);
		const bool want = kind == MODEL_EVENT_FAILED_ACL || kind == MODEL_EVENT_INVALID_ACCOUNT ||
		                  kind == MODEL_EVENT_CHALLENGE_FAILED || kind == MODEL_EVENT_REQUEST_NOT_ALLOWED ||
		                  kind == MODEL_EVENT_UNEXPECTED_ADDRESS || kind == MODEL_EVENT_DECOY;

		CHECK_INT(seclog_is_counted(&event), want);
	}
}

static void test_other_events_are_told_for_people(void **state)
{
	struct model_event event = event_of(MODEL_EVENT_BANNED, MODEL_WHY_TRIES, MODEL_REQUEST_NONE);

	(void)state;
	event.bits = 64;
	event.remote = addr_of("2001:db8:1:2::");
	event.action = MODEL_ACTION_KERNEL;
	event.suppressed = 7;
	snprintf(event.account, sizeof(event.account), "%s", "");
	snprintf(event.who, sizeof(event.who), "root");
	snprintf(event.text, sizeof(event.text), "it's enough");
	CHECK_TEXT(line_of(SECLOG_PLAIN, &event), HEAD
	           "INFO[4711] iax2.c:1 event_tell: Banned from=2001:db8:1:2::/64 validated=yes why=\"too many wrong "
	           "secrets from this address\" action=kernel by='root' text='it\\x27s enough' suppressed=7 "
	           "id=019f3f5a7c0100000000000000001234");
}

/* ---- Security events, JSON, syslog ---- */

static void test_a_security_event_has_the_fields_that_are_expected(void **state)
{
	static const char want[] = HEAD
		"SECURITY[4711] iax2.c:1 event_tell: SecurityEvent=\"ChallengeResponseFailed\","
		"EventTV=\"2026-08-05T14:34:56.789+0200\",Severity=\"Error\",Service=\"IAX2\",EventVersion=\"1\","
		"AccountID=\"alice\",SessionID=\"019f3f5a7c0100000000000000001234\","
		"LocalAddress=\"IPV4/UDP/192.0.2.1/4569\",RemoteAddress=\"IPV4/UDP/203.0.113.5/4569\","
		"Challenge=\"\",Response=\"\",ExpectedResponse=\"\",RequestType=\"REGREQ\",SourceValidated=\"yes\","
		"TrustClass=\"stranger+\",Reason=\"wrong-secret\",ReasonText=\"wrong secret\",Rule=\"\","
		"Action=\"none\",Fingerprint=\"\",Country=\"\",ASN=\"\",RemoteBits=\"0\",Count=\"0\",Prefixes=\"0\","
		"Extension=\"100\",Context=\"phones\",Call=\"0\",Operator=\"\",Text=\"\","
		"EventID=\"019f3f5a7c0100000000000000001234\",Suppressed=\"0\"";
	const struct model_event event = event_of(MODEL_EVENT_CHALLENGE_FAILED, MODEL_WHY_WRONG,
	                                          MODEL_REQUEST_REGISTER);

	(void)state;
	CHECK_TEXT(line_of(SECLOG_EVENT, &event), want);
}

static const char *text_in(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	CHECK_TRUE(text != NULL);
	return text;
}

static json_t *json_of(const struct model_event *event)
{
	json_error_t error;
	json_t *object = json_loads(line_of(SECLOG_JSON, event), JSON_REJECT_DUPLICATES, &error);

	CHECK_TRUE(json_is_object(object));
	return object;
}

static void test_json_is_read_back(void **state)
{
	struct model_event event = event_of(MODEL_EVENT_SCANNER, MODEL_WHY_FINGERPRINT, MODEL_REQUEST_CALL);

	(void)state;
	event.validated = 0;
	event.until_ms = event.wall_ms + 600000;
	event.suppressed = UINT32_MAX;
	event.call = UINT64_C(1) << 40;
	snprintf(event.account, sizeof(event.account), "a\"b\\c\n");
	snprintf(event.rule, sizeof(event.rule), "iax2-brute");
	json_t *object = json_of(&event);

	CHECK_TEXT(text_in(object, "SecurityEvent"), "ScannerDetected");
	CHECK_TEXT(text_in(object, "AccountID"), "a\\x22b\\x5cc\\x0a");
	CHECK_TEXT(text_in(object, "SourceValidated"), "no");
	CHECK_TEXT(text_in(object, "TrustClass"), "stranger+");
	CHECK_TEXT(text_in(object, "Rule"), "iax2-brute");
	CHECK_TEXT(text_in(object, "Fingerprint"), "iax2-brute");
	CHECK_TEXT(text_in(object, "Action"), "none");
	CHECK_TEXT(text_in(object, "Country"), "");
	CHECK_TEXT(text_in(object, "ASN"), "");
	CHECK_TEXT(text_in(object, "EventID"), "019f3f5a7c0100000000000000001234");
	CHECK_TEXT(text_in(object, "Until"), "2026-08-05T14:44:56.789+0200");
	CHECK_TEXT(text_in(object, "RemoteAddress"), "IPV4/UDP/203.0.113.5/4569");
	CHECK_UINT((uint64_t)json_integer_value(json_object_get(object, "Suppressed")), UINT32_MAX);
	CHECK_UINT((uint64_t)json_integer_value(json_object_get(object, "Call")), UINT64_C(1) << 40);
	json_decref(object);
}

static void test_syslog_is_as_rfc_5424_has_it(void **state)
{
	const struct model_event event = event_of(MODEL_EVENT_BANNED, MODEL_WHY_TRIES, MODEL_REQUEST_NONE);

	(void)state;
	CHECK_TRUE(strstr(line_of(SECLOG_SYSLOG, &event),
	                  "<84>1 2026-08-05T14:34:56.789+02:00 exchange tollgate 4711 Banned - "
	                  "SecurityEvent=\"Banned\",EventTV=") != NULL);
}

/* ---- Hostile names ---- */

/* Reproducible; what is drawn leans towards what could end a field. */
static uint32_t draw(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33);
}

static void draw_name(uint64_t *seed, char *name, size_t size_bytes)
{
	static const char *const pieces[] = {
		"'",
		"\"",
		"\n",
		"\r",
		": ",
		" ",
		"]",
		"[",
		"\\",
		")",
		"(",
		",RemoteAddress=\"IPV4/UDP/198.51.100.77/1\"",
		"' failed for '198.51.100.77' - Wrong password",
		"x: Host 198.51.100.77 failed to authenticate as y",
		"hacking attempt detected '198.51.100.77'",
		"198.51.100.77",
		"2001:db8:bad::77",
		"\xff",
		"\x01",
		"NOTICE[1]",
		"SecurityEvent=\"FailedACL\"",
		"alice",
		"..",
		"-",
		"' (from 198.51.100.77)",
	};
	size_t len = 0;

	name[0] = '\0';
	for (uint32_t left = draw(seed) % 6; left > 0 && len + 1 < size_bytes; left--) {
		if (draw(seed) % 3 == 0) {
			name[len++] = (char)(1 + draw(seed) % 255);
			name[len] = '\0';
		} else {
			snprintf(name + len, size_bytes - len, "%s", pieces[draw(seed) % TG_COUNT(pieces)]);
			len = strlen(name);
		}
	}
}

static struct model_event draw_event(uint64_t *seed)
{
	static const enum model_event_kind drawn[] = { MODEL_EVENT_FAILED_ACL, MODEL_EVENT_INVALID_ACCOUNT,
		                                       MODEL_EVENT_CHALLENGE_FAILED, MODEL_EVENT_REQUEST_NOT_ALLOWED,
		                                       MODEL_EVENT_GUESSING };
	struct model_event event = event_of(drawn[draw(seed) % TG_COUNT(drawn)], draw(seed) % MODEL_REASON_COUNT,
	                                    draw(seed) % MODEL_REQUESTS);
	const uint8_t four[4] = { 203, 0, 113, (uint8_t)draw(seed) };
	const uint8_t six[16] = { 0x20, 1, 0xd, 0xb8, [14] = (uint8_t)draw(seed), [15] = (uint8_t)draw(seed) };
	const uint16_t port = (uint16_t)(1024 + draw(seed) % 60000);

	event.remote = draw(seed) % 2 == 0 ? tg_addr_ipv4(four, port) : tg_addr_ipv6(six, port);
	event.validated = draw(seed) % 4 != 0;
	draw_name(seed, event.account, sizeof(event.account));
	draw_name(seed, event.exten, sizeof(event.exten));
	draw_name(seed, event.context, sizeof(event.context));
	draw_name(seed, event.text, sizeof(event.text));
	return event;
}

static unsigned count(const char *line, char c)
{
	unsigned n = 0;

	for (; *line != '\0'; line++) {
		n += *line == c ? 1 : 0;
	}
	return n;
}

static void test_no_name_forges_anything(void **state)
{
	uint64_t seed = 20261121;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		const struct model_event event = draw_event(&seed);
		const char *line = line_of(SECLOG_PLAIN, &event);
		json_t *object = NULL;

		for (const char *p = line; *p != '\0'; p++) {
			CHECK_TRUE(*p >= ' ' && *p <= '~');
		}
		if (seclog_is_counted(&event)) {
			CHECK_TRUE(count(line, '"') == 0);
			CHECK_TRUE(count(line, '\'') == 2 || count(line, '\'') == 4 || count(line, '\'') == 6);
		}
		CHECK_UINT(count(line_of(SECLOG_EVENT, &event), '"') % 2, 0);
		object = json_of(&event);
		CHECK_TRUE(json_object_size(object) >= 28);
		json_decref(object);
	}
}

/* The longest there is: nothing is cut. */
static void test_the_longest_line_is_whole(void **state)
{
	struct model_event event = event_of(MODEL_EVENT_CHALLENGE_FAILED, MODEL_WHY_WRONG, MODEL_REQUEST_REGISTER);

	(void)state;
	event.remote = event.local = addr_of("[2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:65535");
	event.wall_ms = event.until_ms = UINT64_MAX;
	event.count = event.prefixes = event.suppressed = UINT32_MAX;
	memset(event.account, 1, sizeof(event.account) - 1);
	memset(event.exten, 1, sizeof(event.exten) - 1);
	memset(event.context, 1, sizeof(event.context) - 1);
	memset(event.rule, 1, sizeof(event.rule) - 1);
	memset(event.who, 1, sizeof(event.who) - 1);
	memset(event.text, 1, sizeof(event.text) - 1);
	json_decref(json_of(&event));
	CHECK_TRUE(strlen(line_of(SECLOG_JSON, &event)) + 512 < SECLOG_LINE_BYTES);
}

/* ---- Files ---- */

static char folder[] = "/tmp/tg-seclog-XXXXXX";

static long size_of(const char *name)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return stat(path, &st) == 0 ? (long)st.st_size : -1;
}

static void move(const char *from, const char *to)
{
	char old[128], new[128];

	snprintf(old, sizeof(old), "%s/%s", folder, from);
	snprintf(new, sizeof(new), "%s/%s", folder, to);
	CHECK_INT(rename(old, new), 0);
}

static void test_files_are_moved_emptied_and_turned_over(void **state)
{
	const struct model_event event = event_of(MODEL_EVENT_BANNED, MODEL_WHY_TRIES, MODEL_REQUEST_NONE);
	static struct secfiles files;
	char path[128];

	(void)state;
	secfiles_init(&files, folder, true, NULL);
	secfiles_write(&files, &event, 1);
	const long one = size_of("security.log");

	CHECK_TRUE(one > 100 && size_of("security-events.log") > one && size_of("security.json") > one);
	move("security.log", "security.log.old");
	secfiles_write(&files, &event, 2); /* within the second it may go to the old one */
	secfiles_write(&files, &event, 2 * TG_US_PER_S);
	CHECK_INT(size_of("security.log"), one);
	CHECK_INT(size_of("security.log.old"), 2 * one);
	snprintf(path, sizeof(path), "%s/security.log", folder);
	CHECK_INT(truncate(path, 0), 0);
	secfiles_write(&files, &event, 4 * TG_US_PER_S);
	CHECK_INT(size_of("security.log"), one); /* appended: no hole at its beginning */
	files.max_bytes = one;
	secfiles_write(&files, &event, 6 * TG_US_PER_S);
	CHECK_INT(size_of("security.log.1"), one);
	CHECK_INT(size_of("security.log"), one);
	secfiles_deinit(&files);
}

/* A datagram an event, to whoever reads the socket at that moment. */
static void test_syslog_gets_a_datagram(void **state)
{
	const struct model_event event = event_of(MODEL_EVENT_BANNED, MODEL_WHY_TRIES, MODEL_REQUEST_NONE);
	static struct secfiles files;
	char got[SECLOG_LINE_BYTES] = "";

	(void)state;
	secfiles_init(&files, folder, true, NULL);
	CHECK_TEXT(files.syslog.sun_path, "/dev/log");
	snprintf(files.syslog.sun_path, sizeof(files.syslog.sun_path), "%s/log.socket", folder);
	secfiles_write(&files, &event, 1); /* nobody reads: lost, and nothing else is */
	for (unsigned round = 0; round < 2; round++) {
		const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		CHECK_INT(bind(fd, (const struct sockaddr *)&files.syslog, sizeof(files.syslog)), 0);
		secfiles_write(&files, &event, 2 + round);
		const ssize_t len = recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT);

		CHECK_TRUE(len > 0);
		got[len] = '\0';
		CHECK_TRUE(strncmp(got, "<84>1 ", 6) == 0);
		CHECK_TRUE(strstr(got, " tollgate ") != NULL && strstr(got, "SecurityEvent=\"Banned\"") != NULL);
		close(fd);
		unlink(files.syslog.sun_path);
	}
	secfiles_deinit(&files);
}

/* For the tests with a real log watcher: address, whether it is to match, and the line. */
static int say_lines(enum seclog_form form, uint64_t seed, unsigned wanted)
{
	while (wanted-- > 0) {
		const struct model_event event = draw_event(&seed);
		char host[TG_ADDR_TEXT_BYTES];

		printf("%s\t%d\t%s\n", tg_addr_format_host(event.remote, host), seclog_is_counted(&event),
		       line_of(form, &event));
	}
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_failed_attempt_is_one_line_that_watchers_know),
		cmocka_unit_test(test_what_speaks_for_a_customer_is_not_counted),
		cmocka_unit_test(test_only_attempts_are_counted),
		cmocka_unit_test(test_other_events_are_told_for_people),
		cmocka_unit_test(test_a_security_event_has_the_fields_that_are_expected),
		cmocka_unit_test(test_json_is_read_back),
		cmocka_unit_test(test_syslog_is_as_rfc_5424_has_it),
		cmocka_unit_test(test_no_name_forges_anything),
		cmocka_unit_test(test_the_longest_line_is_whole),
		cmocka_unit_test(test_files_are_moved_emptied_and_turned_over),
		cmocka_unit_test(test_syslog_gets_a_datagram),
	};

	if (argc == 4) {
		return say_lines(strcmp(argv[1], "plain") == 0 ? SECLOG_PLAIN : SECLOG_EVENT,
		                 strtoull(argv[2], NULL, 10), (unsigned)strtoul(argv[3], NULL, 10));
	}
	if (mkdtemp(folder) == NULL) {
		return EXIT_FAILURE;
	}
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);
	static const char *const names[] = { "security.log",        "security.log.old",      "security.log.1",
		                             "security-events.log", "security-events.log.1", "security.json",
		                             "security.json.1" };
	char path[128];

	for (size_t i = 0; i < TG_COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	rmdir(folder);
	return failed;
}
