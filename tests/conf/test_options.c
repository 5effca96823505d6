/* SPDX-License-Identifier: Apache-2.0 */
/* Every row of the option table, in every scope it has, by what it does to the world or what is said of it. */
#include "conf/option.h"

#include "check.h"
#include "conf/memory_files.h"
#include "conf/world_dump.h"

#include <stdlib.h>

struct option_case {
	unsigned scopes; /* of enum conf_scope, ORed */
	const char *line;
	const char *effect;  /* a line of accounts_dump() that is there with the option, and not without */
	const char *problem; /* the one finding; NULL: none */
};

#define G CONF_IN_GENERAL
#define U CONF_IN_USER
#define P CONF_IN_PEER
#define R CONF_IN_REGISTRATION
#define T CONF_IN_TOLLGATE
#define A CONF_IN_ACL
#define D CONF_IN_GUARD
#define N CONF_IN_NUMBERS
#define L CONF_IN_POLICY
#define F CONF_IN_FRONT
#define FRONT_NOTE "note: [front]: the dialplan is that of the backend, so extensions.conf is not read"
#define EXPECTED_BACKEND(value)                                                                                       \
	"error: backend: expected the address and port of the exchange behind this one, such as 127.0.0.1:4570, not " \
	"\"" value "\""
#define M CONF_IN_METRICS

#define NO_ENCRYPTION(name)                                                                                 \
	"error: " name " is refused: encryption is not supported in this version, and a call that must be " \
	"encrypted does not go out in clear"
#define IN_CLEAR                                                                                                      \
	"warning: encryption has no effect: calls are not encrypted in this version, and go in clear where that was " \
	"a wish only"
#define NO_RSA(name) HAS_NO_EFFECT(name, "RSA keys are not supported in this version; use a secret")
#define LOCKED ": nobody gets in, because RSA keys are not supported in this version; auth=md5 and secret= open it"
#define HAS_NO_EFFECT(name, why) "note: " name " has no effect: " why
#define NO_JITTER_BUFFER(name) HAS_NO_EFFECT(name, "voice is passed on as it comes, the phones smooth it")
#define NO_BUFFER(name) HAS_NO_EFFECT(name, "there is no jitter buffer")
#define NO_TRUNKS(name) HAS_NO_EFFECT(name, "calls travel one by one in this version, without trunk frames")
#define NO_MUSIC(name) HAS_NO_EFFECT(name, "music on hold is left to the phones; passthrough is what is done")
#define NO_DATABASE(name) HAS_NO_EFFECT(name, "accounts come from the configuration files alone")
#define NO_TRANSFER(name) HAS_NO_EFFECT(name, "calls stay with this exchange, their voice too")
#define FOREIGN(name) HAS_NO_EFFECT(name, "it belongs to no present version of the protocol's drivers")
#define NO_CONNECTED_LINE HAS_NO_EFFECT("connectedline", "names and numbers do not change during a call")
#define NO_ADSI HAS_NO_EFFECT("adsi", "screen phones are not offered")
#define EXPECTED_U32(name, min, max, value) \
	"error: " name ": expected a whole number from " min " to " max ", not \"" value "\""

#define EXPECTED_RATE(name, value)                                                                             \
	"error: " name ": expected two whole numbers from 1 to 1000000 as in 4/20: how many in the time, and " \
	"how many at once, not \"" value "\""

#define OTHERS_REACH                                                                                           \
	"error: listen: other machines can reach this address, and whoever reads metrics learns the names of " \
	"accounts; "                                                                                           \
	"expected 127.0.0.1 or ::1, or public=yes beside it"

#define EXPECTED_OFFSET(value)                                                                                   \
	"error: utcoffset: expected hours and minutes ahead of UTC or behind it, such as +01:00 or -05:00, not " \
	"\"" value "\""
#define EXPECTED_COUNTRY(value) \
	"error: country: expected a country as two capital letters, such as DE or US, not \"" value "\""
#define EXPECTED_CODES(value)                                                                                         \
	"error: international: expected the digits in front of international numbers, such as 00 or 011; at most 4, " \
	"with "                                                                                                       \
	"commas, not \"" value "\""
#define EXPECTED_CLASSES(name, hint, value)                                                               \
	"error: " name                                                                                    \
	": expected classes such as national or intl-low, the words all, international and premium, and " \
	"prefixes such as +4930" hint ", not \"" value "\""
#define EXPECTED_NEW(value)                                                                                       \
	"error: newcalls: expected how many calls may begin, such as 3/hour or 20/day, and classes perhaps, not " \
	"\"" value "\""
#define EXPECTED_TIME(name, value) \
	"error: " name ": expected a time such as 90s, 30m or 4h, and classes perhaps, not \"" value "\""
#define EXPECTED_HOURS(value)                                                                                  \
	"error: times: expected days and hours such as mon-fri 08:00-18:00 or daily 22:00-06:00, and classes " \
	"perhaps, not \"" value "\""

static const struct option_case cases[] = {
	{ G, "bindport=4570", "general: bind=0.0.0.0:4570", NULL },
	{ G, "bindport=0", NULL, EXPECTED_U32("bindport", "1", "65535", "0") },
	{ G, "bindport=65536", NULL, EXPECTED_U32("bindport", "1", "65535", "65536") },
	{ G, "bindport=4569x", NULL, EXPECTED_U32("bindport", "1", "65535", "4569x") },
	{ G, "bindaddr=192.0.2.1", "general: bind=192.0.2.1:4569", NULL },
	{ G, "bindaddr=192.0.2.1:4600", "general: bind=192.0.2.1:4600", NULL },
	{ G, "bindaddr=2001:db8::1", "general: bind=[2001:db8::1]:4569", NULL },
	{ G, "bindaddr=[2001:db8::1]", "general: bind=[2001:db8::1]:4569", NULL },
	{ G, "bindaddr=[2001:db8::1]:4600", "general: bind=[2001:db8::1]:4600", NULL },
	{ G, "bindaddr=::", "general: bind=[::]:4569", NULL },
	{ G, "bindaddr=localhost", NULL,
	  "error: bindaddr: expected an address such as 192.0.2.1, 192.0.2.1:4569, 2001:db8::1 or [2001:db8::1]:4569, "
	  "not \"localhost\"" },
	{ G, "bindaddr=192.0.2.1\nbindaddr=192.0.2.2:4570", "general: bind=192.0.2.2:4570", NULL },
	{ G, "bindaddr=192.0.2.1\nbindaddr=192.0.2.1", NULL,
	  "error: bindaddr: expected an address and port that is not in another bindaddr line, not \"192.0.2.1\"" },
	{ G, "bindport=4570\nbindaddr=192.0.2.1", "general: bind=192.0.2.1:4570", NULL },
	{ G, "bindaddr=192.0.2.1\nbindport=4570", "general: bind=192.0.2.1:4569",
	  "warning: bindport does not change the bindaddr lines above it" },
	{ G, "iaxcompat=yes", NULL, HAS_NO_EFFECT("iaxcompat", "looking up a number blocks nothing here") },
	{ G, "nochecksums=no", NULL, NULL },
	{ G, "nochecksums=yes", NULL, "error: nochecksums is refused: UDP checksums stay on" },
	{ G, "delayreject=yes", NULL, NULL },
	{ G, "delayreject=no", NULL,
	  "warning: delayreject=no has no effect: who has not proven his identity always waits for a refusal" },
	{ G, "delayreject=maybe", NULL, "error: delayreject: expected yes or no, not \"maybe\"" },
	{ G, "authdebug=yes", NULL, HAS_NO_EFFECT("authdebug", "failed authentication is always logged") },
	{ G | U | P, "auth=md5", NULL, NULL },
	{ G | U | P, "auth=md5,rsa", NULL,
	  "warning: auth: RSA keys are not supported in this version; md5 alone is used" },
	{ U, "auth=rsa", "user u: auth_methods=4", "warning: [u]" LOCKED },
	{ P, "auth=rsa", "peer p: auth_methods=4", "warning: [p]" LOCKED },
	{ G, "auth=rsa", "peer p: auth_methods=4", "warning: [u] and 2 more" LOCKED },
	{ G | U | P, "auth=md5,plaintext", NULL,
	  "error: auth: expected md5: a password is never sent nor taken in clear, not \"md5,plaintext\"" },
	{ G | U | P, "auth=sha256", NULL, "error: auth: expected md5, not \"sha256\"" },
	{ G | U | P, "encryption=no", NULL, NULL },
	{ G | U | P, "encryption=yes", NULL, IN_CLEAR },
	{ G | U | P, "encryption=aes128", NULL, IN_CLEAR },
	{ G | U | P, "forceencryption=no", NULL, NULL },
	{ G | U | P, "forceencryption=yes", NULL, NO_ENCRYPTION("forceencryption") },
	{ G | U | P, "transfer=no", NULL, NULL },
	{ G | U | P, "transfer=mediaonly", NULL, NO_TRANSFER("transfer") },
	{ G | U, "codecpriority=caller", "user u: codec_priority=1", NULL },
	{ G | U, "codecpriority=disabled", "user u: codec_priority=2", NULL },
	{ G | U, "codecpriority=reqonly", "user u: codec_priority=3", NULL },
	{ G | U, "codecpriority=me", NULL,
	  "error: codecpriority: expected host, caller, disabled or reqonly, not \"me\"" },
	{ G | U, "disallow=all\nallow=gsm,ulaw|alaw", "user u: codecs=gsm,ulaw,alaw", NULL },
	{ G | P, "disallow=all\nallow=gsm", "peer p: codecs=gsm", NULL },
	{ U, "allow=!all,G722,slin", "user u: codecs=g722,slin", NULL },
	{ U, "disallow=!gsm,ulaw,alaw,g719,siren14,g722,g726,g726aal2,adpcm,ilbc,speex16,speex,opus,lpc10,g729",
	  "user u: codecs=gsm,g723", NULL },
	{ U, "disallow=all\nallow=ulaw:20", "user u: codecs=ulaw", NULL },
	{ U, "disallow=all\nallow=ulaw:30,h264", "user u: codecs=ulaw",
	  "warning: allow: \"h264\" has no effect: voice is passed on as it comes, and only voice" },
	{ U, "allow=ulow", NULL,
	  "error: allow: expected a list of codecs such as ulaw,alaw,gsm,g722, or all, not \"ulow\"" },
	{ U, "disallow=", NULL,
	  "error: disallow: expected a list of codecs such as ulaw,alaw,gsm,g722, or all, not \"\"" },
	{ U, "disallow=all", NULL, "error: [u]: no codec is allowed" },
	{ P, "disallow=all", NULL, "error: [p]: no codec is allowed" },
	{ G, "bandwidth=low", NULL, HAS_NO_EFFECT("bandwidth", "list the codecs with allow= instead") },
	{ G | U | P, "jitterbuffer=no", NULL, NULL },
	{ G | U | P, "jitterbuffer=yes", NULL, NO_JITTER_BUFFER("jitterbuffer") },
	{ G, "maxjitterbuffer=1000", NULL, NO_BUFFER("maxjitterbuffer") },
	{ G, "maxjitterinterps=10", NULL, NO_BUFFER("maxjitterinterps") },
	{ G, "resyncthreshold=1000", NULL, NO_BUFFER("resyncthreshold") },
	{ G, "jittertargetextra=40", NULL, NO_BUFFER("jittertargetextra") },
	{ G, "trunkfreq=20", NULL, NO_TRUNKS("trunkfreq") },
	{ G, "trunkmtu=1240", NULL, NO_TRUNKS("trunkmtu") },
	{ G, "trunkmaxsize=128000", NULL, NO_TRUNKS("trunkmaxsize") },
	{ G, "trunktimestamps=yes", NULL, NO_TRUNKS("trunktimestamps") },
	{ G, "trunktimestamps=no", NULL, NULL },
	{ G, "minregexpire=30", "general: min_reg_expire_s=30", NULL },
	{ G, "minregexpire=9", NULL, EXPECTED_U32("minregexpire", "10", "3600", "9") },
	{ G, "maxregexpire=3600", "general: max_reg_expire_s=3600", NULL },
	{ G, "maxregexpire=3601", NULL, EXPECTED_U32("maxregexpire", "10", "3600", "3601") },
	{ G, "minregexpire=100", NULL, "warning: minregexpire is above maxregexpire and becomes 60, too" },
	{ G, "register => me:its-long-secret@pbx.example", "registration register:1: host=pbx.example", NULL },
	{ G, "register => me:its-long-secret@pbx.example:4600", "registration register:1: addr=(none):4600", NULL },
	{ G, "register => me:its-long-secret@192.0.2.9:4600", "registration register:1: addr=192.0.2.9:4600", NULL },
	{ G, "register => me@[2001:db8::9]:4600", "registration register:1: addr=[2001:db8::9]:4600", NULL },
	{ G, "register => me:its-long-secret@pbx.example", "secret of our register register:1=its-long-secret", NULL },
	{ G, "register => me:[key]@pbx.example", NULL,
	  "error: register: expected a secret: RSA keys are not supported in this version" },
	{ G, "register => me:hush", NULL,
	  "error: register: expected user:secret@host:port; other characters go into a section with "
	  "type=registration" },
	{ G, "register => me:a@b:c@d", NULL,
	  "error: register: expected user:secret@host:port; other characters go into a section with "
	  "type=registration" },
	{ G, "subscribe_network_change_event=yes", NULL,
	  HAS_NO_EFFECT("subscribe_network_change_event", "registrations are renewed by themselves") },
	{ G, "srvlookup=no", NULL, NULL },
	{ G, "srvlookup=yes", NULL,
	  HAS_NO_EFFECT("srvlookup", "host names are looked up as addresses (A and AAAA), not as services") },
	{ G, "tos=ef", "general: tos=184", NULL },
	{ G, "tos=CS5", "general: tos=160", NULL },
	{ G, "tos=af41", "general: tos=136", NULL },
	{ G, "tos=0xb8", "general: tos=184", NULL },
	{ G, "tos=0x8", "general: tos=8", NULL },
	{ G, "tos=24", "general: tos=24", NULL },
	{ G, "tos=256", NULL, "error: tos: expected 0 to 255, or a name such as EF, CS5 or AF41, not \"256\"" },
	{ G, "tos=AF44", NULL, "error: tos: expected 0 to 255, or a name such as EF, CS5 or AF41, not \"AF44\"" },
	{ G, "cos=5", "general: cos=5", NULL },
	{ G, "cos=8", NULL, EXPECTED_U32("cos", "0", "7", "8") },
	{ G, "autokill=no", NULL, NULL },
	{ G, "autokill=yes", "general: autokill_ms=2000", NULL },
	{ G, "autokill=500", "general: autokill_ms=500", NULL },
	{ G, "autokill=5", NULL,
	  "error: autokill: expected yes, no or a number of milliseconds from 10 to 60000, not \"5\"" },
	{ G, "maxauthreq=7", "general: max_auth_req=7", NULL },
	{ G | U, "maxauthreq=7", "user u: max_auth_req=7", NULL },
	{ G, "pingtime=5", "general: ping_time_s=5", NULL },
	{ G, "lagrqtime=0", "general: lagrq_time_s=0", NULL },
	{ G, "iaxthreadcount=10", NULL, HAS_NO_EFFECT("iaxthreadcount", "use threads=") },
	{ G, "iaxmaxthreadcount=100", NULL, HAS_NO_EFFECT("iaxmaxthreadcount", "use threads=") },
	{ G | U, "accountcode=books", "user u: accountcode=books", NULL },
	{ G | U, "accountcode=12345678901234567890", NULL,
	  "error: accountcode: expected a text of 0 to 19 octets in UTF-8, not \"12345678901234567890\"" },
	{ G | U, "amaflags=billing", NULL, HAS_NO_EFFECT("amaflags", "call records have no such mark") },
	{ G | U, "language=de", "user u: language=de", NULL },
	{ G | U | P, "mohinterpret=default", NULL, NO_MUSIC("mohinterpret") },
	{ G | U | P, "mohinterpret=passthrough", NULL, NULL },
	{ G | U | P, "mohsuggest=default", NULL, NO_MUSIC("mohsuggest") },
	{ U | P, "user=somebody", NULL, HAS_NO_EFFECT("user", "the name in brackets is the user's name") },
	{ G | U | P, "adsi=no", NULL, NULL },
	{ G | U | P, "adsi=yes", NULL, NO_ADSI },
	{ G | U, "parkinglot=hall", NULL, HAS_NO_EFFECT("parkinglot", "calls are not parked") },
	{ G, "regcontext=here", "general: regcontext=here", NULL },
	{ G, "allowfwdownload=no", NULL, NULL },
	{ G, "allowfwdownload=yes", NULL, "error: allowfwdownload is refused: firmware is not offered" },
	{ G | U | P, "connectedline=no", NULL, NULL },
	{ G | U | P, "connectedline=send", NULL, NO_CONNECTED_LINE },
	{ G, "maxcallnumbers=512", "general: max_call_numbers=512", NULL },
	{ P, "maxcallnumbers=512", "peer p: max_call_numbers=512", NULL },
	{ P, "maxcallnumbers=70000", NULL, EXPECTED_U32("maxcallnumbers", "0", "65535", "70000") },
	{ G, "maxcallnumbers_nonvalidated=100", "general: max_call_numbers_nonvalidated=100", NULL },
	{ G, "calltokenoptional=192.0.2.77/28", "token optional 192.0.2.64/28=0", NULL },
	{ G, "calltokenoptional=192.0.2.0/255.255.255.0", "token optional 192.0.2.0/24=0", NULL },
	{ G, "calltokenoptional=192.0.2.1, 2001:db8::/32", "token optional 2001:db8::/32=0", NULL },
	{ G, "calltokenoptional=192.0.2.1", "token optional 192.0.2.1/32=0", NULL },
	{ G, "calltokenoptional=0.0.0.0/0", "token optional 0.0.0.0/0=0",
	  "warning: calltokenoptional: 0.0.0.0/0 excuses everybody from proving his address: calls can then be "
	  "opened in the name of any address, and one sender can use up maxcallnumbers_nonvalidated for all; name "
	  "the addresses of the devices that need it" },
	{ G, "calltokenoptional=192.0.2.1,::/0", "token optional ::/0=0",
	  "warning: calltokenoptional: ::/0 excuses everybody from proving his address: calls can then be "
	  "opened in the name of any address, and one sender can use up maxcallnumbers_nonvalidated for all; name "
	  "the addresses of the devices that need it" },
	{ G, "calltokenoptional=192.0.2.1:4569", NULL,
	  "error: calltokenoptional: expected addresses such as 192.0.2.1 or 2001:db8::/32, without a port, not "
	  "\"192.0.2.1:4569\"" },
	{ G, "calltokenoptional=192.0.2.0/33", NULL,
	  "error: calltokenoptional: expected addresses such as 192.0.2.1 or 2001:db8::/32, without a port, not "
	  "\"192.0.2.0/33\"" },
	{ G, "calltokenoptional=192.0.2.0/255.0.255.0", NULL,
	  "error: calltokenoptional: expected addresses such as 192.0.2.1 or 2001:db8::/32, without a port, not "
	  "\"192.0.2.0/255.0.255.0\"" },
	{ G, "calltokenexpiration=20", "general: call_token_expiration_s=20", NULL },
	{ G, "calltokenexpiration=1", NULL, EXPECTED_U32("calltokenexpiration", "2", "60", "1") },
	{ G, "requirecalltoken=no", NULL,
	  "error: requirecalltoken is refused: set it for a user or peer; for addresses there is "
	  "calltokenoptional=" },
	{ G, "shrinkcallerid=no", "general: shrink_caller_id=0", NULL },
	{ G, "rtcachefriends=no", NULL, NULL },
	{ G, "rtcachefriends=yes", NULL,
	  "error: rtcachefriends is refused: accounts come from the configuration files alone" },
	{ G, "rtupdate=yes", NULL, NO_DATABASE("rtupdate") },
	{ G, "rtsavesysname=yes", NULL, NO_DATABASE("rtsavesysname") },
	{ G, "rtautoclear=120", NULL, NO_DATABASE("rtautoclear") },
	{ G, "rtignoreregexpire=yes", NULL, NO_DATABASE("rtignoreregexpire") },

	{ G | T, "strict=no\nnosuchthing=1", NULL, "warning: unknown option \"nosuchthing\"" },
	{ G | T, "strict=yes\nnosuchthing=1", NULL, "error: unknown option \"nosuchthing\"" },
	{ G | T, "strict=perhaps", NULL, "error: strict: expected yes or no, not \"perhaps\"" },
	{ G | T, "threads=3", "general: threads=3", NULL },
	{ G | T, "threads=0", NULL, EXPECTED_U32("threads", "1", "64", "0") },
	{ G | T, "calls=2500", "general: calls_max=2500", NULL },
	{ G | T, "stealth=yes", "general: stealth=1", NULL },
	{ G | T, "syslog=yes", "general: syslog=1", NULL },
	{ G | T, "calltoken-text=yes", "general: call_token_text=1", NULL },
	{ G | T, "sounds=/srv/sounds", "sounds=/srv/sounds", NULL },

	{ U, "type=user", NULL, NULL },
	{ P, "type=PEER", NULL, NULL },
	{ R, "type=registration", NULL, NULL },
	{ U, "type=pear", NULL,
	  "error: type: expected user, peer, friend or registration, not \"pear\"; did you mean \"peer\"?" },
	{ U, "secret=a-second-long-one", "secret of caller u=a-second-long-one",
	  "note: [u]: each of its 2 secrets is good for a call" },
	{ P, "secret=a-second-long-one", "secret of our peer p=a-second-long-one", NULL },
	{ P, "secret=a-second-long-one", "secret of registrant p=a-second-long-one", NULL },
	{ R, "secret=a-second-long-one", "secret of our register r=a-second-long-one", NULL },
	{ P, "secret=short", "peer p: weak_secret=1",
	  "warning: [p]: its secret is weak: it is shorter than 12 characters; tollgated --check-config offers a new "
	  "one" },
	{ R, "secret=elephant2024", NULL,
	  "warning: [r]: its secret is weak: it is a common word or two with little around them; tollgated "
	  "--check-config offers a new one" },
	{ G, "register => me:Elephant-2024@192.0.2.1", NULL,
	  "warning: [me]: its secret is weak: it is a common word or two with little around them; tollgated "
	  "--check-config offers a new one" },
	{ U, "secretfile=keys/u", "secret of caller u=from-a-file-of-its-own",
	  "note: [u]: each of its 2 secrets is good for a call" },
	{ P, "secretfile=keys/u", "secret of registrant p=from-a-file-of-its-own", NULL },
	{ R, "secretfile=keys/u", "secret of our register r=from-a-file-of-its-own", NULL },
	{ U, "secretfile=keys/none", NULL,
	  "error: secretfile: expected a file that is there: cannot find \"keys/none\", not \"keys/none\"" },
	{ U, "secretfile=keys/locked", NULL,
	  "error: secretfile: expected a readable file: \"keys/locked\" is not a regular file, not \"keys/locked\"" },
	{ U, "secretfile=keys/two", NULL,
	  "error: secretfile: expected a file with a secret on its only line, not \"keys/two\"" },
	{ U, "secretfile=keys/empty", NULL,
	  "error: secretfile: expected a file with a secret on its only line, not \"keys/empty\"" },
	{ U | P, "dbsecret=a/b", NULL, "error: dbsecret is refused: use secretfile= and let the file hold the secret" },
	{ U | P, "inkeys=k", NULL, NO_RSA("inkeys") },
	{ U | P, "outkey=k", NULL, NO_RSA("outkey") },
	{ U | P, "keyrotate=no", NULL, HAS_NO_EFFECT("keyrotate", "there is no encryption whose keys could change") },
	{ U, "context=other", "user u: context=other", "so it reaches nothing" },
	{ P, "context=other", NULL,
	  HAS_NO_EFFECT("context", "a peer has none; the number dialled says where a call goes") },
	{ P, "peercontext=theirs", "peer p: peercontext=theirs", NULL },
	{ U, "permit=192.0.2.0/24,!192.0.2.7", "user u: deny=192.0.2.7/32",
	  "note: [u]: rules for IPv4 only, so IPv6 is denied" },
	{ P, "permit=192.0.2.0/24", "peer p: permit=192.0.2.0/24", "rules for IPv4 only, so IPv6 is denied" },
	{ P, "permit=2001:db8::/32", "peer p: acl families=6", "rules for IPv6 only, so IPv4 is denied" },
	{ U, "permit=192.0.2.0/24\npermit=::/0", "user u: acl families=10", NULL },
	{ U | P, "deny=bad", NULL,
	  "error: deny: expected addresses such as 192.0.2.0/24, 192.0.2.0/255.255.255.0 or 2001:db8::/32, not "
	  "\"bad\"" },
	{ U, "deny=0.0.0.0/0.0.0.0", "user u: deny=0.0.0.0/0", "rules for IPv4 only, so IPv6 is denied" },
	{ P, "deny=0.0.0.0/0.0.0.0", "peer p: deny=0.0.0.0/0", "rules for IPv4 only, so IPv6 is denied" },
	{ U, "acl=office", "user u: and=::/0", NULL },
	{ P, "acl=office", "peer p: permit=198.51.100.0/24", NULL },
	{ U | P, "acl=ofice", NULL,
	  "error: acl: expected the name of a section of acl.conf; did you mean \"office\"?, not \"ofice\"" },
	{ P, "host=192.0.2.5", "peer p: addr=192.0.2.5:4569", NULL },
	{ P, "host=192.0.2.5:4571", "peer p: addr=192.0.2.5:4571", NULL },
	{ P, "host=2001:db8::5", "peer p: addr=[2001:db8::5]:4569", NULL },
	{ P, "host=pbx.example", "peer p: host=pbx.example", NULL },
	{ P, "host=p b", NULL, "error: host: expected dynamic, an address or a host name, not \"p b\"" },
	{ R, "host=192.0.2.5", "registration r: addr=192.0.2.5:4569", NULL },
	{ R, "host=dynamic", NULL, "error: [r]: a registration needs host= and an address or name" },
	{ P, "port=4600", "peer p: addr=(none):4600", NULL },
	{ R, "port=4600", "registration r: addr=(none):4600", NULL },
	{ P, "defaultip=192.0.2.8", "peer p: default_ip=192.0.2.8:4569", NULL },
	{ P, "defaultip=here", NULL, "error: defaultip: expected an address, with a port or without, not \"here\"" },
	{ P, "mask=255.255.255.255", NULL,
	  HAS_NO_EFFECT("mask", "a challenge is answered only to the peer that was called") },
	{ P, "sourceaddress=192.0.2.3", "peer p: source=192.0.2.3:0", NULL },
	{ P, "sourceaddress=2001:db8::3", NULL, "error: [p]: sourceaddress is in no bindaddr line" },
	{ P, "username=us", "peer p: username=us", NULL },
	{ R, "username=someone", "registration r: username=someone", NULL },
	{ R, "username=", NULL, "error: username: expected a text of 1 to 80 octets in UTF-8, not \"\"" },
	{ P, "description=The hall", "peer p: description=The hall", NULL },
	{ U | P, "trunk=no", NULL, NULL },
	{ U | P, "trunk=yes", NULL, NO_TRUNKS("trunk") },
	{ U, "callerid=\"The Hall\" <200>", "user u: callerid_name=The Hall", NULL },
	{ U, "callerid=The Hall <200>", "user u: callerid_number=200", NULL },
	{ U, "callerid=200", "user u: callerid_number=200", NULL },
	{ U, "callerid=Hall", "user u: callerid_name=Hall", NULL },
	{ P, "callerid=Hall <200>", "peer p: callerid_name=Hall", NULL },
	{ U, "fullname=The Hall", "user u: callerid_name=The Hall", NULL },
	{ P, "fullname=The Hall", "peer p: callerid_name=The Hall", NULL },
	{ U, "cid_number=200", "user u: callerid_number=200", NULL },
	{ P, "cid_number=200", "peer p: callerid_number=200", NULL },
	{ P, "sendani=yes", "peer p: send_ani=1", NULL },
	{ U, "setvar=COLOUR=blue=green", "user u: variable COLOUR=blue=green", NULL },
	{ U, "setvar=A=1\nsetvar=B=2\nsetvar=A=3", "user u: variable A=3", NULL },
	{ U, "setvar=_A09z=1", "user u: variable _A09z=1", NULL },
	{ U, "setvar=1A=x", NULL, "error: setvar: expected NAME=value, not \"1A=x\"" },
	{ U, "immediate=on", "user u: immediate=1", NULL },
	{ U, "immediate=no", NULL, HAS_NO_EFFECT("immediate", "a call without a number begins at once with s") },
	{ P, "qualify=yes", "peer p: qualify_ms=2000", NULL },
	{ P, "qualify=500", "peer p: qualify_ms=500", NULL },
	{ P, "qualify=no", NULL, NULL },
	{ P, "qualify=5", NULL,
	  "error: qualify: expected yes, no or a number of milliseconds from 10 to 60000, not \"5\"" },
	{ P, "qualifysmoothing=yes", "peer p: qualify_smoothing=1", NULL },
	{ P, "qualifyfreqok=30000", "peer p: qualify_ok_ms=30000", NULL },
	{ P, "qualifyfreqnotok=5000", "peer p: qualify_notok_ms=5000", NULL },
	{ P, "regexten=200&201", "peer p: regexten=200&201", NULL },
	{ P, "mailbox=200", "peer p: mailbox=200", HAS_NO_EFFECT("mailbox", "there is no voice mail") },
	{ P, "timezone=Europe/Berlin", NULL, HAS_NO_EFFECT("timezone", "date and time are sent in UTC") },
	{ U, "requirecalltoken=no", "user u: require_call_token=1",
	  "warning: [u] has requirecalltoken=no and no permit= range: its name is excused from proving an address "
	  "wherever it is used; add permit= with the addresses of the device, or remove the line and name them with "
	  "calltokenoptional=" },
	{ U, "requirecalltoken=no\npermit=192.0.2.0/28\npermit=2001:db8::/64", "user u: require_call_token=1", NULL },
	{ U, "requirecalltoken=no\nacl=office", "user u: require_call_token=1", NULL },
	{ U, "requirecalltoken=yes", "user u: require_call_token=2", NULL },
	{ P, "requirecalltoken=auto", "peer p: require_call_token=3", "calltokenoptional=" },
	{ P, "requirecalltoken=auto\npermit=0.0.0.0/0\npermit=::/0", "peer p: require_call_token=3",
	  "calltokenoptional=" },
	{ U | P, "requirecalltoken=2", NULL, "error: requirecalltoken: expected yes, no or auto, not \"2\"" },
	{ R, "refresh=120", "registration r: refresh_s=120", NULL },
	{ U, "decoy=yes", "user u: decoy=1", NULL },
	{ P, "decoy=yes", "peer p: decoy=1", NULL },
	{ U | P, "decoy=maybe", NULL, "error: decoy: expected yes or no, not \"maybe\"" },
	{ U, "roaming=yes", "user u: roaming=1", NULL },
	{ U, "mayspend=yes", "user u: mayspend=1", NULL },
	{ P, "roaming=yes", "peer p: roaming=1", NULL },

	{ D, "mode=observe", "guard: mode=1", NULL },
	{ D, "mode=OFF", "guard: mode=0", NULL },
	{ D, "mode=on", NULL, "error: mode: expected enforce, observe or off, not \"on\"" },
	{ D, "newdialogs=7/30", "guard: new_dialogs_per_s=7", NULL },
	{ D, "newdialogs=7 / 30", "guard: new_dialogs_burst=30", NULL },
	{ D, "newdialogs=7", NULL, EXPECTED_RATE("newdialogs", "7") },
	{ D, "newdialogs=7/0", NULL, EXPECTED_RATE("newdialogs", "7/0") },
	{ D, "newdialogs=0/7", NULL, EXPECTED_RATE("newdialogs", "0/7") },
	{ D, "newdialogs=7/8/9", NULL, EXPECTED_RATE("newdialogs", "7/8/9") },
	{ D, "newdialogs=1000001/8", NULL, EXPECTED_RATE("newdialogs", "1000001/8") },
	{ D, "knowndialogs=60/600", "guard: known_dialogs_per_s=60", NULL },
	{ D, "knowndialogs=60/600", "guard: known_dialogs_burst=600", NULL },
	{ D, "strangers=100", "guard: strangers_per_s=100", NULL },
	{ D, "strangers=0", NULL, EXPECTED_U32("strangers", "1", "1000000", "0") },
	{ D, "failures=2/12", "guard: failures_per_min=2", NULL },
	{ D, "failures=2/12", "guard: failures_burst=12", NULL },
	{ D, "names=9", "guard: names_per_10min=9", NULL },
	{ D, "delayat=5", "guard: delay_at=5", NULL },
	{ D, "silenceat=7", "guard: silence_at=7", NULL },
	{ D, "banat=20", "guard: kernel_at=20", NULL },
	{ D, "delayat=6", NULL, "error: delayat=6, silenceat=6 and banat=10 must grow in this order" },
	{ D, "banat=6\nsilenceat=6", NULL, "error: delayat=3, silenceat=6 and banat=6 must grow in this order" },
	{ D, "steptime=60", "guard: step_s=60", NULL },
	{ D, "accountfailures=30", "guard: account_failures=30", NULL },
	{ D, "accountnetworks=6", "guard: account_prefixes=6", NULL },
	{ D, "accountnetworks=17", NULL, EXPECTED_U32("accountnetworks", "1", "16", "17") },
	{ D, "accountanswers=60", "guard: account_distinct=60", NULL },
	{ D, "sprayaccounts=70", "guard: spray_accounts=70", NULL },
	{ D, "spraynetworks=30", "guard: spray_prefixes=30", NULL },
	{ M, "listen=127.0.0.1:9469", "metrics: tcp 127.0.0.1:9469", NULL },
	{ M, "listen=[::1]:9469", "metrics: tcp [::1]:9469", NULL },
	{ M, "listen=unix:/run/tollgate/metrics", "metrics: unix /run/tollgate/metrics", NULL },
	{ M, "listen=no", NULL, NULL },
	{ M, "listen=unix:metrics", NULL,
	  "error: listen: expected unix: and an absolute path of at most 107 octets, not \"unix:metrics\"" },
	{ M, "listen=127.0.0.1", NULL,
	  "error: listen: expected an address with a port such as 127.0.0.1:9469 or [::1]:9469, or "
	  "unix:/path/of/a/socket, "
	  "not \"127.0.0.1\"" },
	{ M, "listen=192.0.2.1:9469", NULL, OTHERS_REACH },
	{ M, "listen=0.0.0.0:9469", NULL, OTHERS_REACH },
	{ M, "listen=[::]:9469\npublic=no", NULL, OTHERS_REACH },
	{ M, "listen=192.0.2.1:9469\npublic=yes", "metrics: tcp 192.0.2.1:9469", NULL },
	{ D, "knowndays=90", "guard: known_days=90", NULL },
	{ D, "knowndays=367", NULL, EXPECTED_U32("knowndays", "1", "366", "367") },
	{ D, "tokenless=known", "guard: tokenless=1", NULL },
	{ D, "tokenless=KNOWN", "guard: tokenless=1", NULL },
	{ D, "tokenless=anywhere", NULL, NULL },
	{ D, "tokenless=no", NULL, "error: tokenless: expected anywhere or known, not \"no\"" },
	{ D, "kernel=no", "guard: kernel=0", NULL },
	{ D, "fingerprints=marks", "fingerprint m: 7, source=0 (marks:1: a test)", NULL },
	{ D, "fingerprints=keys/none", NULL,
	  "error: fingerprints: expected a file that is there: cannot find \"keys/none\"" },
	{ D, "fingerprints=keys/locked", NULL,
	  "error: fingerprints: expected a readable file: \"keys/locked\" is not a regular file" },
	{ D, "neverban=192.0.2.77", "never ban 192.0.2.77/32=0", NULL },
	{ D, "neverban=192.0.2.0/24, 2001:db8::/32\nneverban=198.51.100.1", "never ban 2001:db8::/32=0", NULL },
	{ D, "neverban=192.0.2.0/24\nneverban=198.51.100.1", "never ban 192.0.2.0/24=0", NULL },
	{ D, "neverban=0.0.0.0/0", "never ban 0.0.0.0/0=0",
	  "warning: neverban: /0 means that nobody of this family is ever banned" },
	{ D, "neverban=here", NULL,
	  "error: neverban: expected addresses such as 192.0.2.1 or 2001:db8::/32, without a port, not \"here\"" },
	{ D, "newdialog=4/20", NULL, "error: unknown option \"newdialog\"; did you mean \"newdialogs\"?" },
	{ D, "threads=2", NULL, "error: threads does not belong here, but to [general] or tollgate.conf" },
	{ G | T, "mode=observe", NULL, "error: mode does not belong here, but to [guard] of tollgate.conf" },
	{ U | P, "neverban=192.0.2.1", NULL, "error: neverban does not belong here, but to [guard] of tollgate.conf" },

	{ T, "destinations=list", "destination !=+4930555: class=0 region= digits=4 (list:1: mine)", NULL },
	{ T, "destinations=list\ndestinations=list2", "destination !=+4930555: class=13 region=DE digits=0 (list2:1: )",
	  NULL },
	{ T, "destinations=keys/none", NULL,
	  "error: destinations: expected a file that is there: cannot find \"keys/none\"" },
	{ T, "destinations=keys/locked", NULL,
	  "error: destinations: expected a readable file: \"keys/locked\" is not a regular file" },
	{ T, "utcoffset=+05:30", "paying: ahead_s=19800 summer_s=0 from=0", NULL },
	{ T, "utcoffset=-08:00", "paying: ahead_s=-28800 summer_s=0 from=0", NULL },
	{ T, "timezone=CET-1CEST,M3.5.0,M10.5.0/3", "paying: ahead_s=3600 summer_s=7200 from=3", NULL },
	{ T, "timezone=EST5", "paying: ahead_s=-18000 summer_s=0 from=0", NULL },
	{ T, "timezone=Europe/Berlin", NULL,
	  "error: timezone: expected a time zone as a rule, such as CET-1CEST,M3.5.0,M10.5.0/3: names of zones are not "
	  "looked up, not \"Europe/Berlin\"" },
	{ T, "utcoffset=+14:01", NULL, EXPECTED_OFFSET("+14:01") },
	{ T, "utcoffset=1", NULL, EXPECTED_OFFSET("1") },
	{ T, "utcoffset=+1:5", NULL, EXPECTED_OFFSET("+1:5") },
	{ P, "chargeable=yes", "peer p: chargeable=1", NULL },
	{ P, "host=192.0.2.9", "peer p: chargeable=1", NULL },
	{ P, "chargeable=no\nhost=192.0.2.9", "peer p: host=192.0.2.9", NULL },
	{ P, "chargeable=often", NULL, "error: chargeable: expected yes or no, not \"often\"" },
	{ U, "policy=y", "user u: policy=2", NULL },
	{ U, "policy=why", NULL,
	  "error: policy: expected NAME of a section [policy NAME] of tollgate.conf, not \"why\"" },
	{ P, "trunkpolicy=Y", "peer p: policy=2", NULL },
	{ P, "trunkpolicy=systemm", NULL,
	  "error: trunkpolicy: expected NAME of a section [policy NAME] of tollgate.conf, not \"systemm\"; did you "
	  "mean "
	  "\"system\"?" },
	{ U, "numbers=z", "user u: numbers=2", NULL },
	{ P, "numbers=z", "peer p: numbers=2", NULL },
	{ U | P, "numbers=q", NULL,
	  "error: numbers: expected NAME of a section [numbers NAME] of tollgate.conf, not \"q\"; did you mean "
	  "\"z\"?" },
	{ N, "country=DE", "numbers : 49 DE national=0 international=00,,, internal=5 bare=0", NULL },
	{ N, "country=US", "numbers : 1 US national=1 international=011,,, internal=5 bare=1", NULL },
	{ N, "country=BS", "numbers : 1 BS national=1 international=011,,, internal=5 bare=1", NULL },
	{ N, "country=KZ", "numbers : 7 KZ national=8 international=810,,, internal=5 bare=0", NULL },
	{ N, "country=IT", "numbers : 39 IT national= international=00,,, internal=5 bare=1", NULL },
	{ N, "country=HU", "numbers : 36 HU national=06 international=00,,, internal=5 bare=0", NULL },
	{ N, "country=IE", "numbers : 353 IE national=0 international=00,,, internal=5 bare=0", NULL },
	{ N, "country=SO", "numbers : 252 SO national=0 international=00,,, internal=5 bare=0",
	  "warning: country: no list of destinations knows the premium numbers of SO, so they count as national ones; "
	  "name "
	  "a list that does with destinations= in [general]" },
	{ N, "country=XX", NULL, "error: country: no list of destinations has the country XX" },
	{ N, "country=49", NULL, EXPECTED_COUNTRY("49") },
	{ N, "country=de", NULL, EXPECTED_COUNTRY("de") },
	{ N, "country=", NULL, EXPECTED_COUNTRY("") },
	{ N, "national=8", "numbers :   national=8 international=00,011,, internal=5 bare=0", NULL },
	{ N, "national=", "numbers :   national= international=00,011,, internal=5 bare=0", NULL },
	{ N, "country=DE\nnational=", "numbers : 49 DE national= international=00,,, internal=5 bare=1", NULL },
	{ N, "national=12345678", NULL,
	  "error: national: expected the digits in front of national numbers, such as 0, or nothing if they have none, "
	  "not "
	  "\"12345678\"" },
	{ N, "international=00, 0011,810", "numbers :   national=0 international=00,0011,810, internal=5 bare=0",
	  NULL },
	{ N, "international=00,1,2,3,4", NULL, EXPECTED_CODES("00,1,2,3,4") },
	{ N, "international=+", NULL, EXPECTED_CODES("+") },
	{ N, "international=", NULL, EXPECTED_CODES("") },
	{ N, "internal=4", "numbers :   national=0 international=00,011,, internal=4 bare=0", NULL },
	{ N, "internal=16", NULL, EXPECTED_U32("internal", "0", "15", "16") },
	{ N, "bare=International", "numbers :   national=0 international=00,011,, internal=5 bare=2", NULL },
	{ N, "bare=local", NULL, "error: bare: expected national, international or either, not \"local\"" },
	{ L, "parent=y", "policy x: depth=1 parent=2 closed=0", NULL },
	{ L, "parent=z", NULL,
	  "error: parent: expected NAME of a section [policy NAME] of tollgate.conf, not \"z\"; did you mean "
	  "\"x\"?" },
	{ L, "parent=x", NULL, "error: parent: [policy x] is above itself, or 16 are above it" },
	{ L, "allow=national, MOBILE", "policy x: allow 0x18 prefix= (allow=national, MOBILE)", NULL },
	{ L, "allow=mobile", "policy x: depth=0 parent=0 closed=1", NULL },
	{ L, "allow=all", "policy x: allow 0x3fff prefix= (allow=all)", NULL },
	{ L, "allow=mobil", NULL, EXPECTED_CLASSES("allow", "; did you mean \"mobile\"?", "mobil") },
	{ L, "allow=0180", NULL, EXPECTED_CLASSES("allow", "", "0180") },
	{ L, "allow=", NULL, EXPECTED_CLASSES("allow", "", "") },
	{ L, "deny=premium", "policy x: deny 0x3c00 prefix= (deny=premium)", NULL },
	{ L, "deny=international", "policy x: deny 0x3bc0 prefix= (deny=international)", NULL },
	{ L, "deny=+4930, premium-national", "policy x: deny 0x0 prefix=+4930 (deny=+4930, premium-national)", NULL },
	{ L, "deny=+4930", "policy x: deny 0x0 prefix=+4930 (deny=+4930)", NULL },
	{ L, "deny=+1234567890123456", NULL, EXPECTED_CLASSES("deny", "", "+1234567890123456") },
	{ L, "calls=4", "policy x: calls 0x3ff8 value=4", NULL },
	{ L, "calls=1 intl-high, satellite", "policy x: calls 0x300 value=1", NULL },
	{ L, "calls=many", NULL,
	  "error: calls: expected how many calls at once, 0 to 100000, and classes perhaps, not \"many\"" },
	{ L, "calls=1 intl", NULL,
	  "error: calls: expected classes behind the limit, such as intl-high satellite, or nothing: all that cost "
	  "money, not \"1 "
	  "intl\"" },
	{ L, "newcalls=3/hour", "policy x: hourcalls 0x3ff8 value=3", NULL },
	{ L, "newcalls=6/DAY intl-high, satellite", "policy x: daycalls 0x300 value=6", NULL },
	{ L, "newcalls=3", NULL, EXPECTED_NEW("3") },
	{ L, "newcalls=3/week", NULL, EXPECTED_NEW("3/week") },
	{ L, "newcalls=/hour", NULL, EXPECTED_NEW("/hour") },
	{ L, "longest=90s", "policy x: longest 0x3ff8 value=90", NULL },
	{ L, "longest=10m premium-intl", "policy x: longest 0x800 value=600", NULL },
	{ L, "longest=4h", "policy x: longest 0x3ff8 value=14400", NULL },
	{ L, "longest=4", NULL, EXPECTED_TIME("longest", "4") },
	{ L, "longest=100001s", NULL, EXPECTED_TIME("longest", "100001s") },
	{ L, "longest=s", NULL, EXPECTED_TIME("longest", "s") },
	{ L, "daily=60m intl-mid", "policy x: daily 0x80 value=3600", NULL },
	{ L, "daily=ever", NULL, EXPECTED_TIME("daily", "ever") },
	{ L, "monthly=600m", "policy x: monthly 0x3ff8 value=36000", NULL },
	{ L, "monthly=", NULL, EXPECTED_TIME("monthly", "") },
	{ F, "backend=127.0.0.1:4571", "general: front.backend=127.0.0.1:4571", FRONT_NOTE },
	{ F, "backend=127.0.0.1", NULL, EXPECTED_BACKEND("127.0.0.1") },
	{ F, "backend=localhost:4570", NULL, EXPECTED_BACKEND("localhost:4570") },
	{ F, "backend=0.0.0.0:4570", NULL, EXPECTED_BACKEND("0.0.0.0:4570") },
	{ F, "backend=127.0.0.1:4569", NULL,
	  "error: backend: this is our own address and port; give the backend another port, such as 4570" },
	{ F, "backend=10.0.0.1:4569", "general: front.backend=10.0.0.1:4569", FRONT_NOTE },
	{ F, "local=127.0.0.2", "general: front.local=127.0.0.2:4569", FRONT_NOTE },
	{ F, "local=0.0.0.0", NULL,
	  "error: local: expected an address of this exchange as the backend knows it, such as 127.0.0.1, not "
	  "\"0.0.0.0\"" },
	{ F, "local=2001:db8::77", NULL,
	  "error: local: this address is in no bindaddr line, or of another kind than that of the backend" },
	{ L, "times=mon-fri 08:00-18:30", "policy x: times 0x3ff8 days=0x1f 480-1110", NULL },
	{ L, "times=fri-mon 22:00-06:00 international", "policy x: times 0x3bc0 days=0x71 1320-360", NULL },
	{ L, "times=sun 00:00-24:00", "policy x: times 0x3ff8 days=0x40 0-1440", NULL },
	{ L, "times=daily 01:00-02:00", "policy x: times 0x3ff8 days=0x7f 60-120", NULL },
	{ L, "times=mon-fri", NULL, EXPECTED_HOURS("mon-fri") },
	{ L, "times=mon-fry 08:00-18:00", NULL, EXPECTED_HOURS("mon-fry 08:00-18:00") },
	{ L, "times=mon 08:00-24:01", NULL, EXPECTED_HOURS("mon 08:00-24:01") },
	{ L, "times=mon 08:00-08:00", NULL, EXPECTED_HOURS("mon 08:00-08:00") },
	{ L, "times=mon 8-18", NULL, EXPECTED_HOURS("mon 8-18") },
	{ L, "contry=DE", NULL, "error: unknown option \"contry\"" },
	{ N, "contry=DE", NULL, "error: unknown option \"contry\"; did you mean \"country\"?" },

	{ A, "permit=203.0.113.0/24", "user v: permit=203.0.113.0/24", NULL },
	{ A, "deny=203.0.113.0/24", "user v: deny=203.0.113.0/24", NULL },
	{ A, "allow=all", NULL,
	  "error: allow does not belong here, but to [general] or type=user or type=peer or "
	  "[policy NAME] of tollgate.conf" },

	{ G | U | P, "notransfer=yes", NULL, NO_TRANSFER("notransfer") },
	{ G | U | P, "forcejitterbuffer=no", NULL, NO_JITTER_BUFFER("forcejitterbuffer") },
	{ G, "dropcount=2", NULL, NO_BUFFER("dropcount") },
	{ G, "minexcessbuffer=10", NULL, NO_BUFFER("minexcessbuffer") },
	{ G, "maxexcessbuffer=80", NULL, NO_BUFFER("maxexcessbuffer") },
	{ G, "jittershrinkrate=2", NULL, NO_BUFFER("jittershrinkrate") },
	{ G, "mincost=5", NULL, FOREIGN("mincost") },
	{ G, "trunkminsize=1", NULL, NO_TRUNKS("trunkminsize") },
	{ G | U | P, "dialplan=x", NULL, FOREIGN("dialplan") },
	{ G | U | P, "musiconhold=default", NULL, NO_MUSIC("musiconhold") },
	{ G | U | P, "musicclass=default", NULL, NO_MUSIC("musicclass") },
	{ G | U | P, "callgroup=1", NULL, FOREIGN("callgroup") },
	{ G | U | P, "canreinvite=no", NULL, FOREIGN("canreinvite") },
	{ G | U | P, "directmedia=no", NULL, FOREIGN("directmedia") },
	{ G | U | P, "nat=yes", NULL, FOREIGN("nat") },
	{ G | U | P, "dtmfmode=rfc2833", NULL, FOREIGN("dtmfmode") },
	{ G | U | P, "insecure=very", NULL, FOREIGN("insecure") },
	{ G | U | P, "videosupport=yes", NULL, FOREIGN("videosupport") },
	{ G | U | P, "qualifyfreq=60", NULL, HAS_NO_EFFECT("qualifyfreq", "use qualifyfreqok= and qualifyfreqnotok=") },
	{ G | U | P, "disallowed_methods=x", NULL, FOREIGN("disallowed_methods") },
	{ G | U | P, "callcounter=yes", NULL, FOREIGN("callcounter") },
	{ G | U | P, "faxdetect=no", NULL, FOREIGN("faxdetect") },
	{ G | U | P, "sendrpid=yes", NULL, FOREIGN("sendrpid") },
	{ G | U | P, "hasiax=yes", NULL, FOREIGN("hasiax") },

	/* in the wrong place, or not known at all */
	{ G, "secret=not-in-here-please", NULL,
	  "error: secret does not belong here, but to type=user or type=peer or type=registration" },
	{ U, "qualify=yes", NULL, "warning: qualify has no effect here, it belongs to type=peer" },
	{ P, "setvar=A=1", NULL, "warning: setvar has no effect here, it belongs to type=user" },
	{ R, "permit=192.0.2.0/24", NULL,
	  "error: permit does not belong here, but to type=user or type=peer or acl.conf" },
	{ T, "bindport=4569", NULL, "error: bindport does not belong here, but to [general]" },
	{ P, "quailfy=yes", NULL, "error: unknown option \"quailfy\"; did you mean \"qualify\"?" },
	{ U, "zzz=1", NULL, "error: unknown option \"zzz\"" },
};

/* A configuration without any finding, with a place for one more line in each scope. */
static struct conf_result load(enum conf_scope scope, const char *line)
{
	static const char base[] =
		"[general]\n%s\nbindaddr=0.0.0.0\nbindaddr=2001:db8::77\n"
		"[u]\ntype=user\nsecret=long-enough-for-us\ncontext=in\n%s\n"
		"[p]\ntype=peer\nsecret=long-enough-for-us\nhost=dynamic\n%s\n"
		"[r]\ntype=registration\nsecret=long-enough-for-us\nusername=me\nhost=far.example\n%s\n"
		"[v]\ntype=user\nsecret=long-enough-for-us\ncontext=in\nacl=office\n";
	char *iax = NULL, *acl = NULL, *tollgate = NULL;
	struct conf_result result;

	text_append(&iax, base, scope == G ? line : "", scope == U ? line : "", scope == P ? line : "",
	            scope == R ? line : "");
	text_append(&acl, "[office]\npermit=198.51.100.0/24\n%s\n", scope == A ? line : "");
	text_append(
		&tollgate,
		"[general]\n%s\n[guard]\n%s\n[numbers]\n%s\n[numbers z]\n[policy x]\n%s\n[policy y]\n[policy system]\n"
		"[metrics]\n%s\n",
		scope == T ? line : "", scope == D ? line : "", scope == N ? line : "", scope == L ? line : "",
		scope == M ? line : "");
	if (scope == F) {
		text_append(&tollgate, "[front]\nbackend=127.0.0.1:4570\n%s\n", line);
	}
	const struct memory_file files[] = {
		{ "iax.conf", iax, 0 },
		{ "acl.conf", acl, 0 },
		{ "tollgate.conf", tollgate, 0 },
		{ "extensions.conf", "[in]\nexten => 1,1,Answer\n", 0 },
		{ "keys/u", "from-a-file-of-its-own\n", 0 },
		{ "keys/two", "from-a-file-of-its-own\nand-another-line\n", 0 },
		{ "keys/empty", "\n", 0 },
		{ "keys/locked", NULL, 0 },
		{ "list", "!=+4930555 emergency - 4 mine\n", 0 },
		{ "list2", "!=+4930555 test-number DE -\n", 0 },
		{ "marks", "m | 7 | source = 0 | a test\n", 0 },
	};
	struct memory_files memory = { files, TG_COUNT(files) };
	const struct conf_files io = memory_files_io(&memory);

	conf_load(&io, &result);
	free(iax);
	free(acl);
	free(tollgate);
	return result;
}

/* Exactly one finding, that one; or none. The file and line in front are not compared. */
static bool is_said(const char *problems, const char *want)
{
	const size_t len = strlen(problems), want_len = want != NULL ? strlen(want) : 0;

	if (want == NULL) {
		return len == 0;
	}
	return len > want_len + 1 && strchr(problems, '\n') == problems + len - 1 &&
	       strncmp(problems + len - 1 - want_len, want, want_len) == 0;
}

static bool has_line(const char *text, const char *want)
{
	char *line = NULL;

	text_append(&line, "%s\n", want);
	const bool found = strstr(text, line) != NULL;

	free(line);
	return found;
}

static bool has_effect(const struct option_case *c, const struct conf_result *result)
{
	struct conf_result without = load((enum conf_scope)0, "");
	char *with_text = accounts_dump(result);
	char *without_text = accounts_dump(&without);
	const bool there = has_line(with_text, c->effect), there_anyway = has_line(without_text, c->effect);

	if (!there || there_anyway) {
		print_error("%s: \"%s\" is %s\n%s", c->line, c->effect, there ? "there anyway" : "missing", with_text);
	}
	free(with_text);
	free(without_text);
	conf_result_free(&without);
	return there && !there_anyway;
}

static bool case_holds(const struct option_case *c, enum conf_scope scope)
{
	struct conf_result result = load(scope, c->line);
	char *problems = problems_dump(&result.problems);
	const bool want_failed = c->problem != NULL && strncmp(c->problem, "error", 5) == 0;
	bool holds = is_said(problems, c->problem) && result.failed == want_failed;

	if (!holds) {
		print_error("%s in %s says:\n%s-- not --\n%s\n", c->line, conf_scope_name(scope), problems,
		            c->problem != NULL ? c->problem : "(nothing)");
	} else if (c->effect != NULL) {
		holds = has_effect(c, &result);
	}
	free(problems);
	conf_result_free(&result);
	return holds;
}

static void test_each_case_in_each_of_its_scopes(void **state)
{
	unsigned broken = 0;
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		for (unsigned scope = G; scope <= CONF_IN_LAST; scope <<= 1) {
			if ((cases[i].scopes & scope) != 0 && !case_holds(&cases[i], (enum conf_scope)scope)) {
				broken++;
			}
		}
	}
	CHECK_UINT(broken, 0);
}

static bool is_covered(const struct conf_option *option, unsigned scope)
{
	const size_t len = strlen(option->name);

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const char *last = strrchr(cases[i].line, '\n');
		const char *line = strncmp(cases[i].line, option->name, len) == 0 || last == NULL ? cases[i].line
		                                                                                  : last + 1;

		if ((cases[i].scopes & scope) != 0 && strncmp(line, option->name, len) == 0 &&
		    (line[len] == '=' || line[len] == ' ') &&
		    (cases[i].effect != NULL || cases[i].problem != NULL || strcmp(option->name, "type") == 0)) {
			return true;
		}
	}
	return false;
}

static void test_no_row_is_without_a_case(void **state)
{
	const struct conf_option *option;
	(void)state;

	for (size_t i = 0; (option = conf_option_at(i)) != NULL; i++) {
		for (unsigned scope = G; scope <= CONF_IN_LAST; scope <<= 1) {
			if ((option->scopes & scope) != 0 && !is_covered(option, scope)) {
				fail_msg("%s in %s has no case", option->name, conf_scope_name((enum conf_scope)scope));
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_case_in_each_of_its_scopes),
		cmocka_unit_test(test_no_row_is_without_a_case),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
