/*
 * Inside of session: the file of a session, *.hexsession. Lines of JSON:
 *
 *   {"format":"hexsession","formatVersion":1,"id":...,"title":...,"version":n,"events":n}
 *   {"version":1,"type":...,"schema":n,"atMs":n,"data":{...}}        an event, `events` of them
 *   {"artifact":"blake3:...","bytes":n,"name":...}     one that the events refer to
 *   {"data":"..."}                                     its next bytes, base64url, up to `bytes`
 *   {"end":true,"events":n,"digest":"sha256:..."}
 *
 * The digest is a chain: that of the first line is sha256(line), that of each further one
 * sha256(digest of the one before, as text, and the line). It covers all lines but the last.
 */
#pragma once

#include "core/session/copies.h"
#include "core/session/digest.h"

#define TRANSFER_FORMAT "hexsession"
#define TRANSFER_VERSION 1
#define TRANSFER_VERSION_ARTIFACTS 2 /* artifacts may follow the events */

/* Longest line. */
#define TRANSFER_LINE_MAX (EVENT_DATA_MAX + 65536u)

struct chain {
    char digest[DIGEST_TEXT];
    bool begun;
};

/* Without the line feed. False without crypto or memory. */
bool chain_add(struct chain *chain, const struct crypto_port *crypto, struct str line);

/* The last line, without the line feed. */
void transfer_write_end(struct buffer *out, uint64_t events, const struct chain *chain);

/* A file that comes in: checked line by line, and written into a new session that nobody sees before
 * the last line has been found right. */
struct import;

struct import *import_new(struct sessions *sessions, const struct caller *caller);
void import_free(struct import *import);

/* Takes the next bytes; done() when they are checked and what they completed is in the store. After an
 * error the import can only be freed. The context is borrowed until done(). */
void import_feed(struct import *import, const struct call_context *context, struct str bytes,
                 void (*done)(void *arg, const struct error *err), void *arg);

/* There are no more bytes: makes the session. */
void import_finish(struct import *import, const struct call_context *context,
                   void (*done)(void *arg, const struct error *err), void *arg);

/* Of the new session, after import_finish. */
struct str import_id(const struct import *import);
uint64_t import_version(const struct import *import);
