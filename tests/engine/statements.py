"""What the runtime reference says of each step (its section 1), statement by statement, with the tests that hold it.

A statement has the number of its step, its words and the names of tests, or the reason why there is none.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

REFUSED = "refused when it is read"


class Statement(Struct, frozen=True):
    """One statement. `tests` are names of test functions; without any, `reason` says why."""

    step: str
    words: str
    tests: tuple[str, ...] = ()
    reason: str = ""


def _statements() -> Iterator[Statement]:
    for step, said in SAID.items():
        for words, held in said.items():
            if isinstance(held, str):
                yield Statement(step, words, reason=held)
            else:
                yield Statement(step, words, held)


SAID: dict[str, dict[str, tuple[str, ...] | str]] = {
    "1.1": {
        "a connector start that gets or queries": ("test_a_start_fetches_the_documents_that_a_process_begins_with",),
        "a connector start that listens": ("test_a_flow_service_offers_the_processes_that_listen",),
        "a trading partner start": REFUSED,
        "data passthrough: the whole batch in one run": (
            "test_a_passthrough_process_is_called_once_with_all_documents",
        ),
        "data passthrough on its own is no data": ("test_5_6_a_start_without_data_makes_one_empty_document",),
        "no data: one empty document": ("test_5_6_a_start_without_data_makes_one_empty_document",),
    },
    "1.2": {
        "one call for each document, its answers replace it": ("test_replies_replace_requests_in_order",),
        "parameters and dynamic properties are computed for each document": (
            "test_a_call_sends_the_operation_with_what_the_step_sets_over_it",
        ),
        "parameters of the step beat the content": ("test_parameters_of_the_step_fill_in_and_leave_no_body",),
        "dynamic document properties survive": ("test_26_properties_travel_through_calls",),
        "a legacy Send without answers lets the documents go on": (
            "test_a_send_gives_the_answer_or_the_document_that_was_sent",
        ),
        "application errors fail the document, or go on with their status": ("test_error_responses",),
        "a dynamic property that names no field": ("test_what_cannot_run_is_refused_with_its_reason",),
        "archiving and caching of an operation": REFUSED,
    },
    "1.3": {
        "one document after the other": ("test_map", "test_values_are_copied_in_the_types_of_the_target"),
        "a repeating source may give several documents": ("test_what_repeats_only_in_the_source_gives_documents",),
        "defaults for blank values, and where nothing is linked": (
            "test_defaults_stand_in_for_what_is_missing_or_empty",
        ),
        "dates within maps have one form": ("test_values_have_their_own_form_within_maps",),
        "texts of XML are trimmed": ("test_xml_becomes_json",),
        "properties read in a map are those on entry": ("test_document_properties_are_those_that_entered",),
        "producing nothing is an error of the document": ("test_a_map_that_gives_nothing_fails_the_document",),
        "functions in order where that is set": ("test_properties_are_set_before_they_are_read",),
        "results cached by document or by map": ("test_results_in_memory_are_those_of_equal_inputs",),
        "texts, numbers, dates": ("test_functions",),
        "totals, sums, counts, line items, sequences": (
            "test_totals_are_of_one_document",
            "test_sums_are_of_all_rows_of_a_group",
            "test_numbers_are_never_given_twice",
        ),
        "look-ups in tables": ("test_a_table_is_asked_by_two_columns", "test_cells_may_be_patterns"),
        "look-ups in document caches, one match at most": ("test_more_than_one_match_fails_the_document",),
        "joins on document caches": ("test_joined_documents_are_a_part_of_the_source",),
        "properties": ("test_defined_properties_are_read_and_set",),
        "scripts; text inputs are never null": (
            "test_scripts_compute_values",
            "test_scripts_in_javascript_compute_values",
            "test_an_input_has_the_type_that_the_map_says",
        ),
        "user functions": ("test_user_functions_run_by_position",),
        "look-ups by SQL, connector calls": REFUSED,
    },
    "1.4": {
        "targets of every kind": ("test_set_properties_joins_sources_for_any_target",),
        "sources join in their order": ("test_sources_are_joined_and_what_is_missing_is_empty",),
        "a miss is an empty text": ("test_sources_are_joined_and_what_is_missing_is_empty",),
        "of a process property the last document wins": ("test_assignments",),
        "what is persisted": ("test_41_a_property_is_kept_when_its_step_runs",),
    },
    "1.5": {
        "values are bound by their order": ("test_44_messages_are_quoted_as_message_format",),
        "quotes of MessageFormat": ("test_44_messages_are_quoted_as_message_format",),
        "bare braces": ("test_44_empty_braces_are_no_message",),
        "a miss prints null": ("test_what_a_value_says",),
        "combined into one": ("test_45_a_message_is_rendered_for_each_document",),
        "properties survive": ("test_properties_travel",),
        "an empty message clears": ("test_45_a_message_is_rendered_for_each_document",),
    },
    "1.6": {
        "levels, and documents pass": ("test_a_notification_is_one_line_for_all_documents",),
        "once for the step": ("test_a_notification_once_has_no_document",),
        "a thousand events": ("test_events_of_one_execution_are_counted",),
        "the user log": "a file on the platform's own machine; the process log is kept instead",
    },
    "1.7": {"Program Command": REFUSED},
    "1.8": {
        "passthrough: one run, all documents, the caller's record": (
            "test_a_passthrough_process_is_called_once_with_all_documents",
        ),
        "else: one run for each document, a record each": (
            "test_any_other_process_is_called_once_for_each_document_with_an_empty_one",
        ),
        "wait and abort": ("test_a_failure_ends_the_caller_where_it_aborts",),
        "wait without abort": ("test_a_failure_fails_the_calling_document_where_it_does_not_abort",),
        "no wait": (
            "test_errors_of_a_call_that_is_not_waited_for_do_not_come_back",
            "test_each_document_begins_an_execution_that_outlives_its_parent",
        ),
        "it runs at once, whatever Allow Simultaneous says": ("test_children_wait_for_places_and_not_at_gates",),
        "parameters over those of the start": REFUSED,
        "extensions of the caller": ("test_71_a_called_process_sees_the_start_values_of_its_caller",),
        "properties in both directions": ("test_process_properties_go_down_and_come_back",),
        "caches in both directions": ("test_caches_are_shared_with_called_processes",),
        "frozen with the caller": "a bundle is one version: what it calls is in it",
        "listeners cannot be called": ("test_a_process_that_listens_is_not_called",),
    },
    "1.9": {
        "an exact key": ("test_process_route_calls_by_key",),
        "passthrough targets: one call a key": ("test_a_process_route_groups_documents_by_key",),
        "other targets: one call a document": ("test_a_process_route_groups_documents_by_key",),
        "unmatched documents, unchanged": ("test_process_route_calls_by_key",),
        "return paths of the component": ("test_a_process_route_reads_with_its_component",),
        "a wrong reference": ("test_what_a_process_route_lacks_is_told",),
        "processing groups": REFUSED,
    },
    "1.10": {
        "sub-steps in order": (
            "test_contents_are_changed_one_after_the_other",
            "test_sub_steps_run_in_the_order_of_their_index",
        ),
        "base64, encodings": (
            "test_contents_are_changed_one_after_the_other",
            "test_contents_are_recoded_and_compressed",
        ),
        "combine": ("test_33_combined", "test_combine_adds_to_the_list_of_the_first"),
        "the survivor has the properties of the first": ("test_survivor_has_the_properties_of_the_first",),
        "split flat files by line, or by the value of a column": ("test_33_lines_are_divided",),
        "split JSON and XML in their wrapper": (
            "test_30_31_32_json_parts_in_their_wrapper",
            "test_30_31_32_xml_parts_in_their_wrapper",
        ),
        "scripts: once for the batch, stored documents go on, an error fails all": (
            "test_a_script_gets_the_batch_and_stores_what_goes_on",
            "test_a_script_in_javascript_gets_the_batch_and_stores_what_goes_on",
        ),
        "search and replace": ("test_contents_are_changed_one_after_the_other",),
        "stylesheets with properties": ("test_a_stylesheet_transforms_each_document",),
        "zip and unzip": ("test_archives_are_made_and_unfolded",),
        "PGP, multipart, EDI": REFUSED,
    },
    "1.11": {
        "Add is a sink": ("test_nothing_goes_on_after_a_cache_is_changed",),
        "an empty key is an error, an absent element is none": (
            "test_an_empty_key_fails_the_document_and_an_absent_element_does_not",
        ),
        "Retrieve replaces documents": ("test_everything_is_retrieved_once_for_the_batch",),
        "an empty cache ends the path or fails": ("test_an_empty_cache_ends_the_path_or_fails_the_documents",),
        "all, or by key": ("test_documents_are_found_and_removed_by_key",),
        "one entry a document where all are asked for": (
            "test_a_cache_that_may_hold_several_entries_a_document_is_not_asked_for_all",
        ),
        "ids of 0": ("test_79_ids_of_nothing_store_nothing",),
        "shared by the tree of executions": ("test_caches_are_shared_with_called_processes",),
    },
    "1.12": {
        "paths in order, a copy each": ("test_properties_and_paths", "test_depth_first"),
        "what failed is on no later path": ("test_failed_documents_are_on_no_later_path",),
        "process properties and caches are seen on later paths": ("test_properties_and_paths",),
        "as many paths as it says": ("test_shapes_that_part_documents",),
    },
    "1.13": {
        "the first case that matches, the default last": ("test_a_route_takes_the_first_case_that_matches",),
        "paths in their order": ("test_a_route_takes_the_first_case_that_matches",),
    },
    "1.14": {
        "true documents first": (
            "test_a_decision_sends_every_document_down_one_path",
            "test_decision_divides_in_order",
        ),
        "operators": ("test_the_platforms_comparisons",),
        "the first occurrence of many": ("test_a_decision_reads_the_first_occurrence",),
        "null is an empty text": ("test_a_decision_sends_every_document_down_one_path",),
        "loops": ("test_loops_grow_no_stack",),
    },
    "1.15": {
        "documents are held to a profile, repaired where they can be": (
            "test_json_is_held_to_its_profile",
            "test_xml_is_held_to_its_profile",
            "test_xml_is_repaired_in_its_place",
            "test_flat_files_are_held_and_repaired",
        ),
        "rejected documents run first, unchanged": ("test_rejected_documents_run_first_and_unchanged",),
        "Cleanse of an export": REFUSED,
    },
    "1.16": {
        "rules in order, all reasons": ("test_18_accepted_documents_run_before_rejected_ones",),
        "every occurrence": ("test_19_every_occurrence_is_checked_in_the_order_of_rules",),
        "ten thousand characters": ("test_18_reasons_are_left_out_whole_beyond_ten_thousand_characters",),
        "operators": ("test_19_operators",),
        "what does not parse goes down neither path": ("test_18_accepted_documents_run_before_rejected_ones",),
    },
    "1.17": {
        "documents as they entered, with the message": ("test_catch_gets_documents_as_they_entered",),
        "the schedule of repeats": ("test_retry_schedule",),
        "repeats run what failed": ("test_retries_take_what_failed_alone",),
        "what is caught": ("test_trigger",),
        "two adjacent ones": ("test_the_outer_of_two_adjacent_tries_catches_both_kinds",),
        "the nearest wins": ("test_nearest_catch_wins",),
        "a caught error leaves the run complete": ("test_catch_gets_documents_as_they_entered",),
    },
    "1.18": {
        "one document": ("test_exception_for_one_document",),
        "the process": ("test_exception_for_the_process",),
    },
    "1.19": {"ends its path, or everything": ("test_stop",)},
    "1.20": {
        "collects, and gives at the end": ("test_returned_documents_gather",),
        "several, by identity": ("test_return_paths_run_in_their_order_each_with_its_own_documents",),
        "a single answer": ("test_result_in_time",),
    },
    "1.21": {"Find Changes": REFUSED},
    "1.22": {
        "units run side by side, in contiguous blocks": (
            "test_threads_run_side_by_side",
            "test_all_that_follows_runs_in_parts",
        ),
        "as many at once as the setting says": ("test_no_more_than_the_limit_compute",),
        "properties and caches flow back, the last writer wins": (
            "test_threads_see_properties_as_they_were_and_the_last_thread_wins",
        ),
        "batches, also within units": ("test_all_that_follows_runs_in_parts",),
        "documents multiplied later are not governed": ("test_23_documents_multiplied_later_are_not_governed",),
        "processes fall back to threads": ("test_shapes_that_part_documents",),
    },
    "1.23": {"Trading Partner": REFUSED},
    "1.24": {"Agent": REFUSED},
    "1.25": {
        "every kind, with its miss": ("test_what_a_value_says",),
        "dates": ("test_times_are_written_as_their_mask_wants", "test_38_last_runs"),
        "counters": ("test_37_counters", "test_37_numbers_are_used_once_whenever_the_run_is_killed"),
        "unique numbers": ("test_unique_values_are_never_equal",),
        "elements of cached documents": ("test_a_value_is_an_element_of_a_cached_document",),
        "a failing value fails its document": ("test_a_value_that_cannot_be_computed_fails_its_document",),
        "SQL, stored procedures, connector calls, trading partners": REFUSED,
    },
}
STATEMENTS = tuple(_statements())
