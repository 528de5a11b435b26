/*
 * scripts.h - what runs in Redis: each change whole or not at all.
 *
 * SPDX-License-Identifier: MIT
 *
 * KEYS[1] is the prefix of all keys, KEYS[2] the generation: empty for the one that is in use. A restore
 * fills a new generation, and then it is the one in use. So the names of keys are made in the scripts, and
 * Redis Cluster, which wants to know them before, is not served.
 *
 * Keys of a generation (behind PREFIX GENERATION ':'):
 *   pos, ver           counters: the last position and version
 *   ev SPACE           stream of events, its ids are the positions
 *   st SPACE STREAM    list of the positions of a stream: the n-th is version n
 *   bk SPACE KEY       answer to a batch, for a day
 *   pn SPACE           hash: name of a projection to its number; pp SPACE: number to position
 *   px, pv SPACE N     sorted set of the keys of rows, hash of their values
 *   kx, kv, km SPACE   sorted set of keys, hash of values, hash of "version expires"
 *   ke                 sorted set: when values of all spaces run out
 *   bx, bs SPACE       sorted set of blobs, hash of their sizes; bb SPACE KEY: bytes; up ID: on its way
 *   dj, dl, dt SPACE   hashes by document: JSON, number of words, its words
 *   dw SPACE           number of words of all; tm SPACE WORD: hash of document to count
 */
#pragma once

enum script {
    SCRIPT_APPEND,
    SCRIPT_READ,
    SCRIPT_READ_ALL,
    SCRIPT_PROJECT,
    SCRIPT_ROWS,
    SCRIPT_CHANGE,
    SCRIPT_GET,
    SCRIPT_LIST,
    SCRIPT_BLOB_WRITE,
    SCRIPT_BLOB_END,
    SCRIPT_BLOB_READ,
    SCRIPT_BLOB_LIST,
    SCRIPT_BLOB_REMOVE,
    SCRIPT_INDEX,
    SCRIPT_UNINDEX,
    SCRIPT_FIND,
    SCRIPT_DOCUMENTS,
    SCRIPT_LOAD_EVENT,
    SCRIPT_LOAD_VALUE,
    SCRIPT_LOAD_ROWS,
    SCRIPT_LOAD_END,
    SCRIPTS
};

/* The whole text, with what all begin with. */
const char *script_text(enum script script);
