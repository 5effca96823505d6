/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/audit_remedy.h"

#include <string.h>

#define VERIFY                                                                                        \
	"from a host that is not trusted: tollgate audit --expect-silence HOST:@PORT@ ends with 0;\n" \
	"# from a trusted one: tollgate call --duration 1 iax2:ACCOUNT@HOST:@PORT@/NUMBER ends with 0"

/* IPTABLES(ADDRESSES): the same file for both families. What we called first (trunks, qualify) may answer. */
#define IPTABLES(one, other)                                         \
	"*filter\n"                                                  \
	":IAXGUARD - [0:0]\n"                                        \
	"-I INPUT 1 -p udp --dport @PORT@ -j IAXGUARD\n"             \
	"-A IAXGUARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n" \
	"-A IAXGUARD -s " one " -j ACCEPT\n"                         \
	"-A IAXGUARD -s " other " -j ACCEPT\n"                       \
	"-A IAXGUARD -j DROP\n"                                      \
	"COMMIT\n"

#define IPTABLES_UNDO                                  \
	"*filter\n"                                    \
	"-D INPUT -p udp --dport @PORT@ -j IAXGUARD\n" \
	"-F IAXGUARD\n"                                \
	"-X IAXGUARD\n"                                \
	"COMMIT\n"

#define ANSIBLE_DROP(version, state)                 \
	"- name: Drop other IAX2 over " version "\n" \
	"  ansible.builtin.iptables:\n"              \
	"    ip_version: " version "\n"              \
	"    chain: INPUT\n"                         \
	"    action: insert\n"                       \
	"    protocol: udp\n"                        \
	"    destination_port: \"@PORT@\"\n"         \
	"    jump: DROP\n"                           \
	"    comment: iax2-rest\n"                   \
	"    state: " state "\n"

#define ANSIBLE_ACCEPT(version, sources, state)                 \
	"- name: IAX2 from trusted networks over " version "\n" \
	"  ansible.builtin.iptables:\n"                         \
	"    ip_version: " version "\n"                         \
	"    chain: INPUT\n"                                    \
	"    action: insert\n"                                  \
	"    protocol: udp\n"                                   \
	"    destination_port: \"@PORT@\"\n"                    \
	"    source: \"{{ item }}\"\n"                          \
	"    jump: ACCEPT\n"                                    \
	"    comment: iax2-trusted\n"                           \
	"    state: " state "\n"                                \
	"  loop: [" sources "]\n"

#define ANSIBLE_ANSWERS(version, state)                                   \
	"- name: Answers to IAX2 that this host began over " version "\n" \
	"  ansible.builtin.iptables:\n"                                   \
	"    ip_version: " version "\n"                                   \
	"    chain: INPUT\n"                                              \
	"    action: insert\n"                                            \
	"    protocol: udp\n"                                             \
	"    destination_port: \"@PORT@\"\n"                              \
	"    ctstate: ESTABLISHED\n"                                      \
	"    jump: ACCEPT\n"                                              \
	"    comment: iax2-answers\n"                                     \
	"    state: " state "\n"

/* Each goes in above the one before. */
#define ANSIBLE(version, sources, state) \
	ANSIBLE_DROP(version, state) ANSIBLE_ACCEPT(version, sources, state) ANSIBLE_ANSWERS(version, state)

#define SOURCES4 "\"192.0.2.0/24\", \"198.51.100.7\""
#define SOURCES6 "\"2001:db8:10::/48\""

const struct tool_audit_remedy tool_audit_remedies[] = {
	{ "nftables",
	  "table inet iax_edge\n"
	  "delete table inet iax_edge\n"
	  "table inet iax_edge {\n"
	  "\tset trusted4 {\n"
	  "\t\ttype ipv4_addr\n"
	  "\t\tflags interval\n"
	  "\t\telements = { 192.0.2.0/24, 198.51.100.7 }\n"
	  "\t}\n"
	  "\tset trusted6 {\n"
	  "\t\ttype ipv6_addr\n"
	  "\t\tflags interval\n"
	  "\t\telements = { 2001:db8:10::/48 }\n"
	  "\t}\n"
	  "\tchain input {\n"
	  "\t\ttype filter hook input priority filter; policy accept;\n"
	  "\t\tudp dport @PORT@ ct state established accept\n"
	  "\t\tudp dport @PORT@ ip saddr @trusted4 accept\n"
	  "\t\tudp dport @PORT@ ip6 saddr @trusted6 accept\n"
	  "\t\tudp dport @PORT@ counter drop\n"
	  "\t}\n"
	  "}\n",
	  "nft -f FILE; to keep it over a restart, include it from /etc/nftables.conf", "delete table inet iax_edge\n",
	  VERIFY },
	{ "iptables", IPTABLES("192.0.2.0/24", "198.51.100.7"), "iptables-restore --noflush < FILE, once",
	  IPTABLES_UNDO, VERIFY },
	{ "ip6tables", IPTABLES("2001:db8:10::/48", "2001:db8:20::/48"), "ip6tables-restore --noflush < FILE, once",
	  IPTABLES_UNDO, VERIFY },
	{ "ansible", ANSIBLE("ipv4", SOURCES4, "present") ANSIBLE("ipv6", SOURCES6, "present"),
	  "a file of tasks, with become: true", ANSIBLE("ipv4", SOURCES4, "absent") ANSIBLE("ipv6", SOURCES6, "absent"),
	  VERIFY },
	{ "disable", "systemctl disable --now tollgated.service\n",
	  "as root, where nobody needs IAX2; where another program has the port (ss -lunp 'sport = :@PORT@'), stop "
	  "that one",
	  "systemctl enable --now tollgated.service\n",
	  "tollgate audit --expect-silence HOST:@PORT@ ends with 0; after the undo:\n"
	  "# tollgate call --duration 1 iax2:ACCOUNT@HOST:@PORT@/NUMBER ends with 0" },
	{ 0 },
};

static void put(FILE *out, const char *text, uint16_t port)
{
	static const char mark[] = "@PORT@";
	const char *at = NULL;

	while ((at = strstr(text, mark)) != NULL) {
		fprintf(out, "%.*s%u", (int)(at - text), text, port);
		text = at + sizeof(mark) - 1;
	}
	fputs(text, out);
}

static void put_comment(FILE *out, const char *what, const char *text, uint16_t port)
{
	fprintf(out, "# %s: ", what);
	put(out, text, port);
	fputc('\n', out);
}

bool tool_audit_remedy_print(FILE *out, const char *name, uint16_t port)
{
	static const char suffix[] = "-undo";
	const size_t len = strlen(name), cut = sizeof(suffix) - 1;
	const bool undo = len > cut && strcmp(name + len - cut, suffix) == 0;
	const size_t base_len = undo ? len - cut : len;

	for (const struct tool_audit_remedy *remedy = tool_audit_remedies; remedy->name != NULL; remedy++) {
		if (strlen(remedy->name) != base_len || memcmp(remedy->name, name, base_len) != 0) {
			continue;
		}
		put_comment(out, "use", remedy->how, port);
		if (!undo) {
			if (strcmp(remedy->name, "disable") != 0) {
				fputs("# the networks are examples: put your own in their place\n", out);
			}
			fprintf(out, "# undo: tollgate audit --remedy %s-undo, used in the same way\n", remedy->name);
			put_comment(out, "verify", remedy->verify, port);
		}
		put(out, undo ? remedy->undo : remedy->apply, port);
		return true;
	}
	return false;
}
