// data_cache_law - the whole data cache between a free processor and an abstract memory
//
// One bit of one line is watched: any line x, bit WATCH of it. `stored` is what the program stored there
// last, `memory` what memory holds. Processor, memory's times, all other bits and the register port are
// free. The registers of the cache are reached by the wires of their names, which the proof's script
// connects. docs/null-cache.md, Proof.
//
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module data_cache_law (
  input wire                     clk_i,
  input wire [`LINE_ADDR_W-1:0]  watched,
  input wire                     before,       // the program: what memory holds in the bit at first
  input wire                     req_valid,
  input wire                     req_write,
  input wire [`LINE_ADDR_W+3:0]  req_addr,
  input wire [7:0]               req_be,
  input wire [63:0]              req_wdata,
  input wire                     mem_ready,
  input wire                     mem_answers,  // if it owes a line
  input wire [127:0]             mem_rdata,
  input wire                     reg_valid,
  input wire                     reg_write,
  input wire [4:0]               reg_addr,
  input wire [63:0]              reg_wdata
);
  localparam integer Ways      = `WAYS;
  localparam integer Sets      = 2;
  localparam integer LineWords = 2;
  localparam integer LineW     = 128;
  localparam integer LineAddrW = `LINE_ADDR_W;
  localparam integer TagW      = LineAddrW - 1;
  localparam integer Word      = `WATCH/64;
  localparam integer Bit       = `WATCH%64;

  // Reset in the first cycle.
  reg running = 1'b0;
  always @(posedge clk_i) running <= 1'b1;

  reg [LineAddrW-1:0] x;
  always @(posedge clk_i) if (~running) x <= watched;

  // Program and memory.
  wire                 req_ready, resp_valid, mem_valid, mem_write, mem_resp_ready, reg_ready;
  wire [63:0]          resp_rdata, reg_rdata;
  wire [1:0]           resp_source;
  wire [LineAddrW-1:0] mem_line;
  wire [LineW-1:0]     mem_wdata;
  wire                 take   = running & req_valid & req_ready;
  wire                 here   = (req_addr[LineAddrW+3:4] == x) & (req_addr[3] == Word);
  wire                 stores = take & req_write & here & req_be[Bit/8];
  reg                  stored;
  reg                  memory;
  reg                  waits = 1'b0;    // a request without a response
  reg                  loads;           // it reads the bit
  reg                  expected;        // the bit before the request
  wire                 mem_take = running & mem_valid & mem_ready;
  reg                  owes = 1'b0;     // memory: a line that was asked for
  reg                  owes_x;
  wire                 answers = owes & mem_answers;
  wire [LineW-1:0]     answer_mask = {{(LineW-1){1'b0}}, owes_x} << `WATCH;
  wire [LineW-1:0]     answer = (mem_rdata & ~answer_mask) | ({LineW{memory}} & answer_mask);

  always @(posedge clk_i) begin
    if (~running) begin
      stored <= before;
      memory <= before;
    end
    if (stores) stored <= req_wdata[Bit];
    if (take) begin
      waits    <= 1'b1;
      loads    <= ~req_write & here;
      expected <= stored;
    end else if (resp_valid) begin
      waits <= 1'b0;
    end
    if (mem_take & mem_write & (mem_line == x)) memory <= mem_wdata[`WATCH];
    if (mem_take & ~mem_write) begin
      owes   <= 1'b1;
      owes_x <= mem_line == x;
    end else if (answers & mem_resp_ready) begin
      owes <= 1'b0;
    end
  end

  data_cache dut (
    .clk_i           (clk_i),
    .rst_ni          (running),
    .req_valid_i     (req_valid),
    .req_ready_o     (req_ready),
    .req_write_i     (req_write),
    .req_addr_i      (req_addr),
    .req_be_i        (req_be),
    .req_wdata_i     (req_wdata),
    .resp_valid_o    (resp_valid),
    .resp_rdata_o    (resp_rdata),
    .resp_source_o   (resp_source),
    .mem_req_valid_o (mem_valid),
    .mem_req_ready_i (mem_ready),
    .mem_req_write_o (mem_write),
    .mem_req_line_o  (mem_line),
    .mem_req_wdata_o (mem_wdata),
    .mem_resp_valid_i(answers),
    .mem_resp_ready_o(mem_resp_ready),
    .mem_resp_rdata_i(answer),
    .reg_valid_i     (reg_valid),
    .reg_ready_o     (reg_ready),
    .reg_write_i     (reg_write),
    .reg_addr_i      (reg_addr),
    .reg_wdata_i     (reg_wdata),
    .reg_rdata_o     (reg_rdata)
  );

  // Registers of the cache.
  (* keep *) wire [3:0]                    state_q;
  (* keep *) wire                          init_q;
  (* keep *) wire                          write_q;
  (* keep *) wire [LineAddrW-1:0]          line_q;
  (* keep *) wire                          word_q;
  (* keep *) wire [7:0]                    be_q;
  (* keep *) wire [63:0]                   wdata_q;
  (* keep *) wire                          got_q;
  (* keep *) wire                          fetch_q;
  (* keep *) wire [1:0]                    count_q;
  (* keep *) wire [LineW-1:0]              data_q;
  (* keep *) wire                          wb_valid_q;
  (* keep *) wire [LineAddrW-1:0]          wb_line_q;
  (* keep *) wire [LineW-1:0]              wb_data_q;
  (* keep *) wire [Ways-1:0]               victim_q;
  (* keep *) wire [TagW-1:0]               victim_tag_q;
  (* keep *) wire                          victim_dirty_q;
  (* keep *) wire [Ways*Sets*(TagW+1)-1:0] tag_ram;     // a way's sets, then the next way's
  (* keep *) wire [Ways*(TagW+1)-1:0]      tag_read;
  (* keep *) wire [Ways*Sets*LineWords-1:0] data_ram;   // the watched bit of each word
  (* keep *) wire [Ways-1:0]               data_read;
  (* keep *) wire [Sets*Ways-1:0]          dirty_file;
`ifdef ZAP
  (* keep *) wire [Sets*Ways*LineWords-1:0] nonzero_file;
`endif
`ifdef NULL_CACHE
  (* keep *) wire                          covered;
`else
  wire                                     covered = 1'b0;
`endif

  wire in_init    = state_q == 4'd0;
  wire in_idle    = state_q == 4'd1;
  wire in_lookup  = state_q == 4'd2;
  wire in_request = state_q == 4'd3;
  wire in_wait    = state_q == 4'd4;
  wire in_decide  = state_q == 4'd5;
  wire in_fill    = state_q == 4'd6;
  wire in_split   = state_q == 4'd7;
  wire in_zap     = state_q == 4'd8;
  wire missed     = in_request | in_wait | in_decide;

`ifdef NULL_CACHE
  (* keep *) wire                 hit_before;   // a null hit, in the cycle before
  (* keep *) wire                 inserts;
  (* keep *) wire [LineAddrW-1:0] insert_line;
  wire [Ways*Sets-1:0]            held_valid;   // all lines of the L1
  wire [Ways*Sets*LineAddrW-1:0]  held_lines;
  wire                            covers_x;     // by an entry
  wire                            covers_line;
  wire                            covers_insert;
  wire                            covers_held;
  wire                            rest_x;
  wire                            full;
  wire [5:0]                      order;
  wire                            split_keeps;
  wire                            split_forgets;
  genvar                          h;

  generate
    for (h = 0; h < Ways*Sets; h = h + 1) begin : g_held
      localparam [0:0] Set = h%Sets;
      assign held_valid[h] = tag_ram[h*(TagW+1) + TagW];
      assign held_lines[h*LineAddrW +: LineAddrW] = {tag_ram[h*(TagW+1) +: TagW], Set};
    end
  endgenerate

  null_entries #(
    .Entries(`ENTRIES),
    .LineW  (LineAddrW),
    .Held   (Ways*Sets)
  ) entries (
    .running         (running),
    .x               (x),
    .line            (line_q),
    .line_kept       (1'b1),
    .insert_line     (insert_line),
    .leaving         (in_split),
    .held_valid      (held_valid),
    .held_lines      (held_lines),
    .covers_x_o      (covers_x),
    .covers_line_o   (covers_line),
    .covers_insert_o (covers_insert),
    .covers_held_o   (covers_held),
    .rest_x_o        (rest_x),
    .full_o          (full),
    .merged_o        (order),
    .split_keeps_o   (split_keeps),
    .split_forgets_o (split_forgets)
  );
`endif

  // The watched bit, as the program sees it, less a store that has not been made yet.
  wire                 pending  = in_lookup | in_split | missed;
  wire                 now      = pending ? expected : stored;
  wire                 on_x     = line_q == x;
  wire                 at_bit   = on_x & (word_q == Word);
  wire                 in_buffer = wb_valid_q & (wb_line_q == x);
  wire                 below    = in_buffer ? wb_data_q[`WATCH] : memory;  // what a read would get
  reg  [Ways-1:0]      holds;        // x
  reg  [Ways-1:0]      holds_line;   // the request's line
  reg  [Ways-1:0]      bits;         // the watched bit's place
  reg  [Ways-1:0]      dirty;        // x's set
  reg  [Ways-1:0]      dirty_line;   // the request's set
  reg  [Ways-1:0]      tags_same;    // as they stand in the array
  reg  [Ways-1:0]      words_same;
  reg  [Ways-1:0]      victim_same;  // tag and dirty bit are as kept
  reg  [Ways-1:0]      cleared;      // sets that Init has passed have no valid tag
  reg                  distinct;     // tags of a set
  integer              w, v, s;
  reg  [TagW:0]        tag_here, tag_there;

  always @* begin
    distinct = 1'b1;
    for (w = 0; w < Ways; w = w + 1) begin
      holds[w] = tag_ram[(w*Sets + x[0])*(TagW+1) +: TagW+1] == {1'b1, x[LineAddrW-1:1]};
      tag_here = tag_ram[(w*Sets + line_q[0])*(TagW+1) +: TagW+1];
      holds_line[w] = tag_here == {1'b1, line_q[LineAddrW-1:1]};
      bits[w] = data_ram[(w*Sets + x[0])*LineWords + Word];
      dirty[w] = dirty_file[x[0]*Ways + w];
      dirty_line[w] = dirty_file[line_q[0]*Ways + w];
      tags_same[w] = tag_read[w*(TagW+1) +: TagW+1] == tag_here;
      words_same[w] = data_read[w] == data_ram[(w*Sets + line_q[0])*LineWords + word_q];
      victim_same[w] = (victim_dirty_q == (tag_here[TagW] & dirty_line[w])) &
                        (~victim_dirty_q | (victim_tag_q == tag_here[TagW-1:0]));
      cleared[w] = ~(init_q & tag_ram[w*Sets*(TagW+1) + TagW]);
      for (s = 0; s < Sets; s = s + 1) begin
        for (v = 0; v < w; v = v + 1) begin
          tag_here  = tag_ram[(w*Sets + s)*(TagW+1) +: TagW+1];
          tag_there = tag_ram[(v*Sets + s)*(TagW+1) +: TagW+1];
          if (tag_here[TagW] & (tag_here == tag_there)) distinct = 1'b0;
        end
      end
    end
  end

`ifdef ZAP
  // Words that are marked as zero: of x, the watched one; of the way that Zap works on.
  reg [Ways-1:0] zero_word;
  reg [1:0]      nonzero_victim;
  integer        z;
  always @* begin
    nonzero_victim = 2'd0;
    for (z = 0; z < Ways; z = z + 1) begin
      zero_word[z] = ~nonzero_file[(x[0]*Ways + z)*LineWords + Word];
      if (victim_q[z]) begin
        nonzero_victim = nonzero_file[(line_q[0]*Ways + z)*LineWords +: LineWords];
      end
    end
  end
`endif

  // x is on its way: the victim of the miss, whose words are copied to the write buffer; in the line
  // register, of which Fill writes a word a cycle.
  wire evicts_x = missed & victim_dirty_q & ({victim_tag_q, line_q[0]} == x);
  wire fills_x  = in_fill & on_x & (count_q <= Word);
  wire fill_bit = Word == 1 & count_q == 2'd0 ? data_q[64 + Bit] : data_q[Bit];
  reg  copied;      // the watched bit of the victim is in the write buffer
  reg  copied_bit;
  reg  addressed;   // it is in the array's output
  always @* begin
    copied     = 1'b0;
    copied_bit = 1'b0;
    addressed  = 1'b0;
    if (in_wait & (count_q == Word + 1)) addressed = 1'b1;
    if ((in_wait & (count_q > Word + 1)) | in_decide) begin
      copied     = 1'b1;
      copied_bit = in_wait & (count_q == 2'd2) ? wb_data_q[64 + Bit] : wb_data_q[`WATCH];
    end
  end

  function one_hot;
    input [Ways-1:0] set;
    one_hot = (|set) & ~|(set & (set - 1'b1));
  endfunction

  always @* if (~running) starts: assert (~waits & ~owes);

  always @* begin
    if (running) begin
      // What is promised: no stale data, one hit, a response for each request.
      fresh:         assert (~(resp_valid & loads) | (resp_rdata[Bit] == expected));
      one_hit:       assert (~in_lookup | ~(|holds_line & covered));
      one_way:       assert (in_init | ~|(holds & (holds - 1'b1)));
      one_response:  assert (~resp_valid | waits);
      none_lost:     assert (~(take & waits) | resp_valid);
      memory_alone:  assert (~(mem_take & owes));

      // Why: what program, controller and memory know of each other.
      state_known:   assert (state_q <= `LAST_STATE);
      waiting:       assert (waits == (in_lookup | (missed & ~write_q)));
      loading:       assert (~waits | (loads == (~write_q & at_bit)));
      storing:       assert (~pending | (stored == (write_q & at_bit & be_q[Bit/8] ? wdata_q[Bit]
                                                                                   : expected)));
      owing:         assert (owes == (in_wait & ~got_q));
      owing_x:       assert (~owes | (owes_x == on_x));
      decided:       assert (~in_decide | got_q);
      counting:      assert (~(in_request & |count_q) & ~(in_fill & (count_q > 2'd1)));
      buffer_empty:  assert (~(in_wait | in_decide) | ~wb_valid_q);

      // Tags and the victim.
      init_clears:   assert (~in_init | (&cleared & ~wb_valid_q & (memory == stored)));
      tags_differ:   assert (in_init | distinct);
      tags_read:     assert (~in_lookup | &tags_same);
      line_missing:  assert (~(in_split | missed) | ~|holds_line);
      victim_one:    assert (~(in_split | missed | in_fill) | one_hot(victim_q));
      victim_kept:   assert (~(in_split | missed) | ~|(victim_q & ~victim_same));
      fill_holds:    assert (~in_fill | |(victim_q & holds_line));

      // Where the bit is.
      l1_now:        assert (in_init | fills_x | ~|(holds & (bits ^ {Ways{now}})));
      read_now:      assert (~in_lookup | &words_same);
      clean_below:   assert (in_init | ~|(holds & ~dirty) | (below == now));
      below_now:     assert (|holds | (below == now));
      got_now:       assert (~((in_wait & got_q | in_decide) & on_x) | (data_q[`WATCH] == now));
      fill_now:      assert (~fills_x | (fill_bit == now));
      addressed_now: assert (~(evicts_x & addressed) | ~|(victim_q & (data_read ^ {Ways{now}})));
      copied_now:    assert (~(evicts_x & copied) | (copied_bit == now));
`ifdef NULL_CACHE

      // The one law, and why.
      the_law:       assert (~covers_x | (~below & ~|holds & ~now));
      rest_is_zero:  assert (~rest_x | (~below & ~|holds & ~now));
      exclusive:     assert (in_init | ~covers_held);
      not_covered:   assert (~missed | ~covers_line);
      inserts_new:   assert (~inserts | ~covers_insert);
      init_empty:    assert (~in_init | (~covers_x & ~covers_line & ~full));
      covered_is:    assert (~in_lookup | (covered == covers_line));
      split_stores:  assert (~in_split | (write_q & ~fetch_q & (~on_x | ~now)));
      not_fetched:   assert (~(missed & ~fetch_q) | (write_q & (~on_x | ~now)));
      zeros_got:     assert (~(in_wait & ~fetch_q) | got_q);
      hit_then:      assert (~hit_before | in_idle | in_lookup);
`else
      always_reads:  assert (~missed | fetch_q);
`endif
`ifdef ZAP
      zap_way:       assert (~in_zap | ((victim_q == holds_line) & one_hot(victim_q) & write_q));
      zap_zero:      assert (~in_zap | ~|nonzero_victim);
      zero_words:    assert (in_init | ~|(holds & zero_word & {Ways{now}}));
`endif
    end
  end

  // What can happen at all: a run breaks each of these. A dirty line is written back, read again,
  // hit again; x is inserted, found in a merged entry, split off, hit in the L1.
  reg stored_one   = 1'b0;
  reg written_back = 1'b0;
  reg fetched      = 1'b0;
  reg hit_again    = 1'b0;
  always @(posedge clk_i) begin
    if (in_lookup & |holds_line & write_q & at_bit & stored & ~expected) stored_one <= 1'b1;
    if (stored_one & mem_take & mem_write & (mem_line == x)) written_back <= 1'b1;
    if (written_back & mem_resp_ready & answers & owes_x) fetched <= 1'b1;
    if (fetched & in_lookup & |holds_line & loads & expected) hit_again <= 1'b1;
  end
  always @* reached_round: assert (~hit_again);
`ifdef NULL_CACHE
  reg inserted = 1'b0;
  reg merged   = 1'b0;
  reg null_hit = 1'b0;
  reg split    = 1'b0;
  reg l1_hit   = 1'b0;
  always @(posedge clk_i) begin
    if (inserts & (insert_line == x)) inserted <= 1'b1;
    if (inserted & covers_x & |order) merged <= 1'b1;
    if (merged & in_lookup & covered & loads) null_hit <= 1'b1;
    if (null_hit & split_keeps & rest_x) split <= 1'b1;
    if (split & in_lookup & |holds_line & loads & expected) l1_hit <= 1'b1;
  end
  always @* reached_split: assert (~l1_hit);
`endif
endmodule

`default_nettype wire
