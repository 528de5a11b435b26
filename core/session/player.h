/*
 * Plays a recorded session: a call_service in front of another one. A call whose request says in its
 * _meta "io.hexmcp/replay": ID is not made. If it is the next of the recorded calls of that session, it
 * ends as that one did, with the very result; if it is another one, it fails and says what was to come.
 * Behind the last call the session begins again.
 *
 * How far a session is played is kept for each caller and session.
 */
#pragma once

#include "core/session/sessions.h"

#define PLAYER_META "io.hexmcp/replay"

/* Sessions that are played at once; the one that was begun first goes when there are more. */
#define PLAYER_TAPES_MAX 64u

struct player;

int player_new(struct sessions *sessions, const struct call_service *calls, struct player **out,
               struct error *err);

/* As recorder_free. */
void player_free(struct player *player);

const struct call_service *player_service(struct player *player);
