/* SPDX-License-Identifier: MIT */
/*
 * A client of the guard that is as unkind as clients can be. Expected values are written by hand, from the standard and
 * from what permissive.c says of itself.
 *
 *     check_guard GUARD SCENARIO [MODULE]
 *
 * loads the guard and runs a scenario of the table below. MODULE is what P11GUARD_MODULE says if that is unset; the client
 * asks it how often it was called. What is in the environment besides stands with each scenario (PERMISSIVE_ANSWER for
 * instance), or in Tests/GuardTests. One line for each failed expectation, and a last one: "N checks, M failed".
 */
#include "check_guard_descriptors.h"
#include "check_guard_escapes.h"
#include "check_guard_hostile.h"
#include "check_guard_lists.h"
#include "check_guard_log.h"
#include "check_guard_log_hostile.h"
#include "check_guard_messages.h"
#include "check_guard_phases.h"
#include "check_guard_processes.h"
#include "check_guard_rules.h"
#include "check_guard_sessions.h"
#include "check_guard_threads.h"

static const struct {
    const char *name;
    void (*run)(void);
} scenarios[] = {
    /* rules */
    { "two-by-pairs", two_by_pairs }, { "two-single", two_single }, { "two-per-kind", two_per_kind },
    { "two-all", two_all }, { "three", three }, { "whole-lives", whole_lives }, { "two-sessions", two_sessions },
    { "policy-of-the-token", policy_of_the_token }, { "strict-beside-digest", strict_beside_digest },
    { "strict-beside-search", strict_beside_search }, { "instant-is-free", instant_is_free },
    /* phases */
    { "lengths", lengths }, { "errors-end", errors_end }, { "failed-starts", failed_starts },
    { "doubtful-errors", doubtful_errors }, { "null-mechanism", null_mechanism },
    { "null-mechanism-fails", null_mechanism_fails }, { "out-of-phase", out_of_phase },
    { "out-of-phase-refused", out_of_phase_refused }, { "single-after-part", single_after_part },
    { "success-shows-it", success_shows_it }, { "module-refuses", module_refuses }, { "stubs", stubs },
    { "dual-error", dual_error }, { "cancel", cancel }, { "cancel-fails", cancel_fails }, { "states", states },
    /* messages, pending calls */
    { "messages", messages }, { "messages-out-of-phase", messages_out_of_phase },
    { "messages-refused", messages_refused }, { "pending-start", pending_start },
    { "pending-start-fails", pending_start_fails }, { "pending-single", pending_single },
    { "pending-nothing", pending_nothing },
    { "pending-cancelled", pending_cancelled }, { "pending-joined", pending_joined },
    { "pending-strict", pending_strict }, { "pending-garbage", pending_garbage },
    /* lists */
    { "all-members", all_members }, { "interfaces", interfaces_as_they_are }, { "fork-safe-flag", fork_safe_flag },
    { "one-interface", one_interface }, { "holes", holes }, { "lying-version", lying_version }, { "off", off },
    { "plain-functions", plain_functions }, { "initialize-arguments", initialize_arguments },
    { "preloaded", preloaded }, { "no-module", no_module }, { "some-module", some_module }, { "odd", odd },
    /* sessions */
    { "login", login }, { "login-elsewhere", login_elsewhere }, { "logout", logout }, { "pin-locked", pin_locked }, { "handles-again", handles_again },
    { "closing-fails", closing_fails }, { "opening-fails", opening_fails },
    { "removed-in-session", removed_in_session }, { "removed-by-slot", removed_by_slot },
    { "removed-while-opening", removed_while_opening }, { "one-session-gone", one_session_gone },
    { "library-gone", library_gone }, { "all-of-a-slot", all_of_a_slot },
    /* threads, callbacks */
    { "threads-reported", threads_reported }, { "threads-refused", threads_refused },
    { "threads-only-reported", threads_only_reported }, { "threads-wait", threads_wait },
    { "closed-while-waiting", closed_while_waiting }, { "ended-while-waiting", ended_while_waiting },
    { "cancelled", cancelled }, { "cancelled-while-waiting", cancelled_while_waiting },
    { "serialized-crowd", serialized_crowd }, { "callback-calls", callback_calls },
    { "callback-closes", callback_closes }, { "callback-finalizes", callback_finalizes },
    { "callback-cancels", callback_cancels }, { "callback-logs-in", callback_logs_in },
    { "callback-nested", callback_nested }, { "cancelled-in-callback", cancelled_in_callback },
    { "callbacks-crossing", callbacks_crossing },
    /* processes */
    { "forked", forked }, { "forked-unaware", forked_unaware }, { "forked-safely", forked_safely },
    { "forked-while-inside", forked_while_inside }, { "forked-in-callback", forked_in_callback },
    { "forked-in-a-crowd", forked_in_a_crowd }, { "two-guards", two_guards },
    /* hostile */
    { "nulls", nulls }, { "many-sessions", many_sessions }, { "closing-many", closing_many }, { "churn", churn }, { "thread-churn", thread_churn },
    { "small-stack", small_stack }, { "key-destructor", key_destructor }, { "loaded-by-many", loaded_by_many },
    { "a-storm", a_storm }, { "secrets", secrets }, { "many-copies", many_copies }, { "a-bad-log", a_bad_log },
    { "files-and-loading", files_and_loading }, { "at-exit", at_exit }, { "one-line", one_line },
    { "silence", silence }, { "counted", counted },

    { "descriptor-2", descriptor_2 }, { "no-descriptor-left", no_descriptor_left }, { "no-room-left", no_room_left },
    { "stalled-reader", stalled_reader }, { "after-setuid", after_setuid },
    { "cancelled-while-refused", cancelled_while_refused },

    { "standard-error-restored", standard_error_restored }, { "same-file-not-appended", same_file_not_appended },
    { "journal-of-another", journal_of_another }, { "interrupted-write", interrupted_write },
    { "refused-often", refused_often }, { "log-opened-late", log_opened_late },
    { "nearly-no-room-left", nearly_no_room_left }, { "lost-by-the-parent", lost_by_the_parent },
    { "cancelled-leaves-no-pin", cancelled_leaves_no_pin },

    { "related-handles", related_handles }, { "boasting", boasting }, { "after-chdir", after_chdir },
    { "forked-while-loading", forked_while_loading }, { "forked-by-the-module", forked_by_the_module },
    { "forked-in-a-handler", forked_in_a_handler }, { "left-by-longjmp", left_by_longjmp },
    { "loaded-on-a-small-stack", loaded_on_a_small_stack },
};

int main(int count, char **arguments)
{
    if (count < 3 || count > 4) {
        fprintf(stderr, "usage: check_guard GUARD SCENARIO [MODULE]\n");
        return 2;
    }
    guard_path = arguments[1];
    module_path = count == 4 ? arguments[3] : getenv("P11GUARD_MODULE");
    if (count == 4) { setenv("P11GUARD_MODULE", module_path, 0); }
    /* Whoever runs this may have blocked or ignored signals. The alarm: rather die than hang with what is tested. */
    sigset_t none_blocked;
    sigemptyset(&none_blocked);
    sigprocmask(SIG_SETMASK, &none_blocked, NULL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    signal(SIGALRM, SIG_DFL);
    alarm(30);
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; ++i) {
        if (strcmp(scenarios[i].name, arguments[2]) != 0) { continue; }
        scenarios[i].run();
        printf("%u checks, %u failed\n", checked, failed);
        fflush(stdout);
        return failed == 0 ? 0 : 1;
    }
    fprintf(stderr, "check_guard: no scenario is called '%s'\n", arguments[2]);
    return 2;
}
