// SPDX-License-Identifier: Apache-2.0
#include "tests/core/mutants.h"

namespace systole {

const std::vector<Mutant>& Mutants() {
  static const std::vector<Mutant> mutants = {
      {"AddsInsteadOfMultiplying", "systolic_row.v", "$signed(act[c*DataW +: DataW]) *",
       "$signed(act[c*DataW +: DataW]) +"},
      {"HoldsBackOneCycleLess", "systolic_sequencer.v", "hold_q <= rows_q - 1'b1;",
       "hold_q <= (rows_q == 1) ? {RowsW{1'b0}} : rows_q - 2'd2;"},
      {"ExtendsProductsWithZeros", "systolic_row.v", "{{(AccW-ProdW){prod[ProdW-1]}}, prod}",
       "{{(AccW-ProdW){1'b0}}, prod}"},
      {"NeverStartsSumsAnew", "systolic_row.v", "if (first[c]) sum_q[c] = {AccW{1'b0}};", ""},
      {"TakesSystolicWeightsInStos", "systolic_row.v", "stos_i ? {Cols{bcast_i}} : wgt_i", "wgt_i"},
      {"MovesActivationsWithoutAStep", "systolic_row.v", "if (move) act_q <= act;",
       "act_q <= act;"},
      {"SkewsActivationsByOneMore", "systolic_array.v", ".Depth(i)\n      ) u_act_delay",
       ".Depth(i + 1)\n      ) u_act_delay"},
      {"SkewsWeightsByOneMore", "systolic_array.v", ".Depth(i)\n      ) u_wgt_delay",
       ".Depth(i + 1)\n      ) u_wgt_delay"},
      {"KeepsWeightsBetweenTaps", "systolic_array.v",
       "wgt_q <= tap_i ? wgt_i : {(Lanes*DataW){1'b0}};", "wgt_q <= wgt_i;"},
      {"HoldsBackOneCycleMore", "systolic_sequencer.v", "hold_q <= rows_q - 1'b1;",
       "hold_q <= rows_q;"},
      {"EntersStosOneCycleEarly", "systolic_sequencer.v", "Across = Cols - 2", "Across = Cols - 3"},
      {"EntersStosOneCycleLate", "systolic_sequencer.v", "Across = Cols - 2", "Across = Cols - 1"},
      {"EveryTapStartsSumsAnew", "systolic_sequencer.v", "first_q <= 1'b0;", "first_q <= first_q;"},
      {"SpacesTapsByOneMore", "systolic_sequencer.v", "(tap ? spacing_q : gap_q) - 1'b1;",
       "tap ? spacing_q : gap_q - 1'b1;"},
      {"LosesACycleBetweenPasses", "systolic_sequencer.v",
       "if (cmd_ready_o) busy_q <= cmd_valid_i;",
       "if (cmd_ready_o) busy_q <= cmd_valid_i & ~done;"},
      {"DeskewsByOneMore", "result_drain.v", ".Depth(Cols - 1 - i)", ".Depth(Cols - i)"},
      {"MarksWholeBeatsOneCycleLate", "result_drain.v", ".Depth(Cols - 1)\n      ) u_flags",
       ".Depth(Cols)\n      ) u_flags"},
      {"StartsOneRowTooFew", "result_drain.v", "tail_rows >= FromBelow", "tail_rows > FromBelow"},
      {"NeverCountsStosRows", "result_drain.v", "index_q + 1'b1", "index_q"},
      {"TakesTheModeOfThePreviousTile", "result_drain.v", "next_stos   = tail ? tail_stos : stos_q",
       "next_stos   = stos_q"},
      {"SwitchesBanksEarly", "parameter_bank.v", "full_q & (switch_i | wait_q)", "full_q"},
      {"DoesNotWaitForABank", "parameter_bank.v", "wait_q <= (switch_i | wait_q) & ~full_q;",
       "wait_q <= 1'b0;"},
      {"TakesColumnChannelsInStos", "parameter_bank.v",
       "stos_i ? {Cols{row_bias}} : bias_q[Cols*AccW-1:0]", "bias_q[Cols*AccW-1:0]"},
      {"RoundsHalvesUp", "requantize_lane.v", "fixed3[23] & (fixed3[24] | (|fixed3[22:0]))",
       "fixed3[23]"},
      {"DoesNotRound", "requantize_lane.v", "fixed3[23] & (fixed3[24] | (|fixed3[22:0]))", "1'b0"},
      {"DoesNotClampAbove", "requantize_lane.v", "else if (sum3 > max3) data_q <= max_i;", ""},
      {"SaturatesNegativesUpwards", "requantize_lane.v", "data_q <= sign2_q ? min_i : max_i;",
       "data_q <= max_i;"},
      {"IgnoresPausesOfRawResults", "systolic_core.v",
       "(sum_raw_q ? acc_ready_i : requantizer_ready)", "(sum_raw_q ? 1'b1 : requantizer_ready)"},
      {"IgnoresPausesOfResults", "requantizer.v", "ready_i | ~valid_q[3]", "1'b1"},
      {"ClampsWithTheNextTilesBounds", "requantizer.v", "if (stage_en[2]) output2_q <= output1_q;",
       "if (stage_en[2]) output2_q <= output0_q;"},
  };
  return mutants;
}

}  // namespace systole
