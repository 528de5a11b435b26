/*
 * hexmcp/test/fake_host.h - a host for tests of plugins, without hexmcp.
 *
 * SPDX-License-Identifier: MIT
 *
 * Header-only; needs libc and POSIX threads (and the dynamic loader, -ldl before glibc 2.34), no test
 * framework and nothing of hexmcp's. C99 and C++11. Compile as gnu99 or newer, or define
 * _POSIX_C_SOURCE as 200809L before the first include.
 *
 *     hexmcp_fake_plugin p;
 *     hexmcp_fake_answer a;
 *     hexmcp_fake_load(&p, "build/plugin.so", "{}");
 *     hexmcp_fake_run(&p, "hello", "{\"name\":\"Ada\"}", &a);
 *     assert(a.outcome == HEXMCP_RESULT);
 *     assert(strcmp(a.json, "{\"content\":[{\"type\":\"text\",\"text\":\"Hello, Ada!\"}]}") == 0);
 *     hexmcp_fake_answer_free(&a);
 *     hexmcp_fake_unload(&p);
 *
 * What it does
 *   fake/core.h      the host: counts each call of each host function, keeps logs, progress and
 *                    completions, lets any host function fail, notes breaches of the contract
 *   fake/services.h  hexmcp.call/1, thread-check/1, timer/1, catalog/1, notify/1, schema/1, and
 *                    replies of services that you fake yourself
 *   fake/files.h     hexmcp.files/1 over a temporary folder
 *   fake/plugin.h    loads a plugin, or takes one that is linked in, walks its lifecycle, makes
 *                    calls and waits for their end with a limit of time
 *   fake/extras.h    hexmcp.state/1 and hexmcp.selftest/1 of the plugin
 * For the draft interfaces there is hexmcp/test/fake_drafts.h.
 *
 * A breach is a fault of the plugin: a call completed twice, never, after an error or with text that
 * is no JSON; an unknown call or outcome; a host function on the wrong thread or too early. It is
 * printed on stderr when it happens and kept. A test looks at it with hexmcp_fake_take_breach;
 * hexmcp_fake_free aborts the program if there is one that nobody has taken, so that no test passes
 * over it by mistake.
 *
 * The thread that makes the host is its loop thread, and calls all functions here but those marked
 * [any]. Time stands still but for hexmcp_fake_advance, unless hexmcp_fake_real_time was called.
 *
 * It reads no plugin.json. So it checks of a published definition only that it names something, does
 * not know which URIs are the plugin's, and checks neither arguments nor results against schemas:
 * `hexmcp call` does. Names that end with an underscore are private. This header may grow and change
 * with any version of hexmcp: it is compiled into your tests, never into a plugin.
 */
#ifndef HEXMCP_TEST_FAKE_HOST_H
#define HEXMCP_TEST_FAKE_HOST_H

#include "hexmcp/test/fake/core.h"
#include "hexmcp/test/fake/extras.h"
#include "hexmcp/test/fake/files.h"
#include "hexmcp/test/fake/plugin.h"
#include "hexmcp/test/fake/services.h"

#endif
