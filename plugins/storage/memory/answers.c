/*
 * answers.c - see answers.h.
 *
 * SPDX-License-Identifier: MIT
 */
#include "answers.h"

#include "world.h"

#include <stdlib.h>
#include <string.h>

struct piece {
    struct piece *next;
    struct bytes json;
    struct bytes copy;  /* the bytes, or */
    struct blob *blob;  /* where they are */
    hexmcp_str bytes;
};

struct answer {
    struct answer *next;
    struct answers *all; /* NULL while the job runs */
    const struct job_host *host;
    hexmcp_call call;
    struct piece *pieces;
    struct piece **last;
    struct bytes json; /* of complete() */
    int over;          /* the call has ended; only the reply of drained() is due */
};

static void drop_piece(struct answer *answer)
{
    struct piece *piece = answer->pieces;
    answer->pieces = piece->next;
    bytes_free(&piece->json);
    bytes_free(&piece->copy);
    blob_unref(piece->blob);
    free(piece);
}

static void answer_free(struct answer *answer)
{
    struct answer **at = answer->all ? &answer->all->first : NULL;
    while (at && *at != answer)
        at = &(*at)->next;
    if (at)
        *at = answer->next;
    while (answer->pieces)
        drop_piece(answer);
    bytes_free(&answer->json);
    free(answer);
}

static int32_t keep(struct job *job, hexmcp_str json, hexmcp_str bytes, struct blob *blob,
                    hexmcp_error *err)
{
    struct answer *answer = job->state;
    struct piece *piece = calloc(1, sizeof(*piece));
    if (!answer) {
        answer = calloc(1, sizeof(*answer));
        if (answer) {
            answer->host = job->host;
            answer->call = job->call;
            answer->last = &answer->pieces;
            job->state = answer;
        }
    }
    if (!answer || !piece) {
        free(piece);
        return job_no_memory(err);
    }
    *answer->last = piece;
    answer->last = &piece->next;
    bytes_add_str(&piece->json, json);
    if (blob) {
        piece->blob = blob;
        blob->refs++;
        piece->bytes = bytes;
    } else {
        bytes_add_str(&piece->copy, bytes);
        piece->bytes = bytes_str(&piece->copy);
    }
    return piece->json.failed || piece->copy.failed ? job_no_memory(err) : HEXMCP_OK;
}

static int32_t emit(struct job *job, hexmcp_str json, hexmcp_str bytes, struct blob *blob,
                    hexmcp_error *err)
{
    const hexmcp_stream_1 *stream = job->host->stream;
    int32_t status = HEXMCP_E_BUSY;
    if (!job->state)
        status = stream->emit(stream->ctx, job->call, json, bytes);
    if (status == HEXMCP_E_BUSY)
        return keep(job, json, bytes, blob, err);
    if (status == HEXMCP_E_NOT_FOUND)
        return hexmcp_fail(err, HEXMCP_E_CANCELLED, "the call was cancelled");
    return status == HEXMCP_OK
               ? status
               : hexmcp_fail(err, status, "the host does not take a piece of the answer (error %d)",
                             (int)status);
}

int32_t memory_emit(struct job *job, hexmcp_str json, hexmcp_str bytes, hexmcp_error *err)
{
    return emit(job, json, bytes, NULL, err);
}

int32_t memory_emit_blob(struct job *job, hexmcp_str json, struct blob *blob, size_t offset,
                         size_t len, hexmcp_error *err)
{
    return emit(job, json, (hexmcp_str){blob->bytes + offset, len}, blob, err);
}

static void drained(void *arg, int32_t status, hexmcp_str json);

/* Asks for the next time when there is room; the answer is over if it cannot. */
static void wait_for_room(struct answer *answer)
{
    const hexmcp_stream_1 *stream = answer->host->stream;
    int32_t status = stream->drained(stream->ctx, answer->call, drained, answer);
    if (status == HEXMCP_OK)
        return;
    if (status != HEXMCP_E_NOT_FOUND)
        hexmcp_complete_fail(answer->host->host, answer->call, status,
                             "the host does not say when there is room for the answer");
    answer_free(answer);
}

static void drained(void *arg, int32_t status, hexmcp_str json)
{
    struct answer *answer = arg;
    const hexmcp_stream_1 *stream = answer->host->stream;
    const hexmcp_host *host = answer->host->host;
    (void)json;
    while (status == HEXMCP_OK && !answer->over && answer->pieces) {
        status = stream->emit(stream->ctx, answer->call, bytes_str(&answer->pieces->json),
                              answer->pieces->bytes);
        if (status == HEXMCP_OK)
            drop_piece(answer);
    }
    if (status == HEXMCP_E_BUSY && !answer->over) {
        wait_for_room(answer);
        return;
    }
    if (status == HEXMCP_OK && !answer->over)
        host->complete(host->ctx, answer->call, HEXMCP_RESULT, bytes_str(&answer->json));
    answer_free(answer);
}

int32_t answers_end(struct answers *answers, struct job *job, int32_t status, hexmcp_error *err)
{
    struct answer *answer = job->state;
    if (status == HEXMCP_OK) {
        bytes_add_str(&answer->json, bytes_str(&job->answer));
        if (answer->json.failed)
            status = job_no_memory(err);
    }
    if (status != HEXMCP_OK) {
        answer_free(answer);
        return status;
    }
    answer->all = answers;
    answer->next = answers->first;
    answers->first = answer;
    wait_for_room(answer);
    return HEXMCP_PENDING;
}

static void end(struct answer *answer)
{
    const hexmcp_host *host = answer->host->host;
    if (!answer->over)
        host->complete(host->ctx, answer->call, HEXMCP_CANCELLED, hexmcp_str_from(""));
    answer->over = 1;
    while (answer->pieces)
        drop_piece(answer);
    answer->last = &answer->pieces;
}

void answers_cancel(struct answers *answers, hexmcp_call call)
{
    struct answer *answer = answers->first;
    while (answer && answer->call != call)
        answer = answer->next;
    if (answer)
        end(answer);
}

void answers_stop(struct answers *answers)
{
    for (struct answer *answer = answers->first; answer; answer = answer->next)
        end(answer);
}
