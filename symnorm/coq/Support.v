(* What the statements and proofs of claims stand on: finite sums of any length, the delta, the sign.
   Nothing is assumed here beyond the real numbers of Coq's standard library. *)
Require Export Reals Lra Lia.
Local Open Scope R_scope.

(* Sums ------------------------------------------------------------------------------------------------------------ *)

(* Sg m f = f 0 + ... + f (m - 1): an axis of size m has the positions 0, ..., m - 1. *)
Fixpoint Sg (m : nat) (f : nat -> R) {struct m} : R :=
  match m with O => 0 | S k => Sg k f + f k end.

Lemma Sg_ext : forall m f g, (forall i, (i < m)%nat -> f i = g i) -> Sg m f = Sg m g.
Proof.
  induction m; intros f g H; simpl; [reflexivity | rewrite (IHm f g), (H m); auto with arith].
Qed.

Lemma Sg_zero : forall m, Sg m (fun _ => 0) = 0.
Proof. induction m; simpl; [ | rewrite IHm]; ring. Qed.

Lemma Sg_const : forall m c, Sg m (fun _ => c) = INR m * c.
Proof. induction m; intros; [simpl | rewrite S_INR; simpl; rewrite IHm]; ring. Qed.

Lemma Sg_cons : forall m q f g a b, Sg m f = a -> Sg m g = b -> Sg m (fun i => q * f i + g i) = q * a + b.
Proof.
  intros m q f g a b <- <-. induction m; simpl; [ | rewrite IHm]; ring.
Qed.

Lemma Sg_cons0 : forall q f g a b, f = a -> g = b -> q * f + g = q * a + b.
Proof. intros q f g a b -> ->. reflexivity. Qed.

Lemma Sg_cons2 : forall m n q f g a b, Sg m (fun i => Sg n (f i)) = a -> Sg m (fun i => Sg n (g i)) = b ->
  Sg m (fun i => Sg n (fun j => q * f i j + g i j)) = q * a + b.
Proof.
  intros m n q f g a b Hf Hg. rewrite <- (Sg_cons m q (fun i => Sg n (f i)) (fun i => Sg n (g i)) a b Hf Hg).
  apply Sg_ext. intros i _. now apply Sg_cons.
Qed.

Lemma Sg_cons3 : forall m n p q f g a b,
  Sg m (fun i => Sg n (fun j => Sg p (f i j))) = a -> Sg m (fun i => Sg n (fun j => Sg p (g i j))) = b ->
  Sg m (fun i => Sg n (fun j => Sg p (fun k => q * f i j k + g i j k))) = q * a + b.
Proof.
  intros m n p q f g a b Hf Hg.
  rewrite <- (Sg_cons2 m n q (fun i j => Sg p (f i j)) (fun i j => Sg p (g i j)) a b Hf Hg).
  apply Sg_ext. intros i _. apply Sg_ext. intros j _. now apply Sg_cons.
Qed.

Lemma Sg_cons4 : forall m n p l q f g a b,
  Sg m (fun i => Sg n (fun j => Sg p (fun k => Sg l (f i j k)))) = a ->
  Sg m (fun i => Sg n (fun j => Sg p (fun k => Sg l (g i j k)))) = b ->
  Sg m (fun i => Sg n (fun j => Sg p (fun k => Sg l (fun h => q * f i j k h + g i j k h)))) = q * a + b.
Proof.
  intros m n p l q f g a b Hf Hg.
  rewrite <- (Sg_cons3 m n p q (fun i j k => Sg l (f i j k)) (fun i j k => Sg l (g i j k)) a b Hf Hg).
  apply Sg_ext. intros i _. apply Sg_ext. intros j _. apply Sg_ext. intros k _. now apply Sg_cons.
Qed.

Lemma Sg_zero2 : forall m n, Sg m (fun _ => Sg n (fun _ => 0)) = 0.
Proof. intros. transitivity (Sg m (fun _ => 0)); [apply Sg_ext; intros; apply Sg_zero | apply Sg_zero]. Qed.

Lemma Sg_zero3 : forall m n p, Sg m (fun _ => Sg n (fun _ => Sg p (fun _ => 0))) = 0.
Proof. intros. transitivity (Sg m (fun _ => 0)); [apply Sg_ext; intros; apply Sg_zero2 | apply Sg_zero]. Qed.

Lemma Sg_zero4 : forall m n p l, Sg m (fun _ => Sg n (fun _ => Sg p (fun _ => Sg l (fun _ => 0)))) = 0.
Proof. intros. transitivity (Sg m (fun _ => 0)); [apply Sg_ext; intros; apply Sg_zero3 | apply Sg_zero]. Qed.

Lemma Sg_cons5 : forall m1 m2 m3 m4 m5 q f g a b,
  Sg m1 (fun i1 => Sg m2 (fun i2 => Sg m3 (fun i3 => Sg m4 (fun i4 => Sg m5 (fun i5 => f i1 i2 i3 i4 i5))))) = a ->
  Sg m1 (fun i1 => Sg m2 (fun i2 => Sg m3 (fun i3 => Sg m4 (fun i4 => Sg m5 (fun i5 => g i1 i2 i3 i4 i5))))) = b ->
  Sg m1 (fun i1 => Sg m2 (fun i2 => Sg m3 (fun i3 => Sg m4
    (fun i4 => Sg m5 (fun i5 => q * f i1 i2 i3 i4 i5 + g i1 i2 i3 i4 i5))))) = q * a + b.
Proof.
  intros m1 m2 m3 m4 m5 q f g a b <- <-. rewrite <- (Sg_cons m1 q _ _ _ _ eq_refl eq_refl).
  apply Sg_ext. intros i1 _. now apply Sg_cons4.
Qed.

Lemma Sg_zero5 : forall m1 m2 m3 m4 m5,
  Sg m1 (fun _ => Sg m2 (fun _ => Sg m3 (fun _ => Sg m4 (fun _ => Sg m5 (fun _ => 0))))) = 0.
Proof. intros. transitivity (Sg m1 (fun _ => 0)); [apply Sg_ext; intros; apply Sg_zero4 | apply Sg_zero]. Qed.

Lemma Sg_cons6 : forall m1 m2 m3 m4 m5 m6 q f g a b,
  Sg m1 (fun i1 => Sg m2 (fun i2 => Sg m3 (fun i3 => Sg m4
    (fun i4 => Sg m5 (fun i5 => Sg m6 (fun i6 => f i1 i2 i3 i4 i5 i6)))))) = a ->
  Sg m1 (fun i1 => Sg m2 (fun i2 => Sg m3 (fun i3 => Sg m4
    (fun i4 => Sg m5 (fun i5 => Sg m6 (fun i6 => g i1 i2 i3 i4 i5 i6)))))) = b ->
  Sg m1 (fun i1 => Sg m2 (fun i2 => Sg m3 (fun i3 => Sg m4
    (fun i4 => Sg m5 (fun i5 => Sg m6 (fun i6 => q * f i1 i2 i3 i4 i5 i6 + g i1 i2 i3 i4 i5 i6)))))) = q * a + b.
Proof.
  intros m1 m2 m3 m4 m5 m6 q f g a b <- <-. rewrite <- (Sg_cons m1 q _ _ _ _ eq_refl eq_refl).
  apply Sg_ext. intros i1 _. now apply Sg_cons5.
Qed.

Lemma Sg_zero6 : forall m1 m2 m3 m4 m5 m6,
  Sg m1 (fun _ => Sg m2 (fun _ => Sg m3 (fun _ => Sg m4 (fun _ => Sg m5 (fun _ => Sg m6 (fun _ => 0)))))) = 0.
Proof. intros. transitivity (Sg m1 (fun _ => 0)); [apply Sg_ext; intros; apply Sg_zero5 | apply Sg_zero]. Qed.

Lemma Sg_add : forall m f g, Sg m (fun i => f i + g i) = Sg m (fun i => f i) + Sg m (fun i => g i).
Proof. induction m; intros; simpl; [ | rewrite IHm]; ring. Qed.

Lemma Sg_mul : forall m f c, Sg m (fun i => f i * c) = Sg m (fun i => f i) * c.
Proof. induction m; intros; simpl; [ | rewrite IHm]; ring. Qed.

Lemma Sg_swap : forall m n f, Sg m (fun i => Sg n (fun j => f i j)) = Sg n (fun j => Sg m (fun i => f i j)).
Proof.
  induction m; intros; simpl; [symmetry; apply Sg_zero | rewrite IHm, <- Sg_add; reflexivity].
Qed.

(* A factor that is a sum goes to the front, and the rest of its product under it. *)
Lemma Sg_out : forall m f r l g,
  l = Sg m f * r -> (forall i, (i < m)%nat -> f i * r = g i) -> l = Sg m g.
Proof.
  intros m f r l g -> H. transitivity (Sg m (fun i => f i * r)); [symmetry; exact (Sg_mul m f r) | now apply Sg_ext].
Qed.

Lemma Sg_nonneg : forall m f, (forall i, (i < m)%nat -> 0 <= f i) -> 0 <= Sg m f.
Proof.
  induction m; intros f H; simpl; [lra | ].
  specialize (IHm f (fun i Hi => H i (Nat.lt_lt_succ_r _ _ Hi))). specialize (H m (Nat.lt_succ_diag_r m)). lra.
Qed.

Lemma Sg_pos : forall m f, (1 <= m)%nat -> (forall i, (i < m)%nat -> 0 < f i) -> 0 < Sg m f.
Proof.
  intros [ | m] f Hm H; [lia | simpl].
  assert (0 <= Sg m f) by (apply Sg_nonneg; intros i Hi; apply Rlt_le, H; lia).
  specialize (H m (Nat.lt_succ_diag_r m)). lra.
Qed.

Lemma INR_pos : forall m, (1 <= m)%nat -> 0 < INR m.
Proof. intros. apply lt_0_INR. lia. Qed.

Lemma INR_nonzero : forall m, (1 <= m)%nat -> INR m <> 0.
Proof. intros. apply not_0_INR. lia. Qed.

(* The delta ------------------------------------------------------------------------------------------------------- *)

Definition dl (i j : nat) : R := if Nat.eqb i j then 1 else 0.

Lemma dl_same : forall i, dl i i = 1.
Proof. intro. unfold dl. now rewrite Nat.eqb_refl. Qed.

Lemma dl_sym : forall i j, dl i j = dl j i.
Proof. intros. unfold dl. now rewrite Nat.eqb_sym. Qed.

Lemma dl_square : forall i j, dl i j * dl i j = dl i j.
Proof. intros. unfold dl. destruct (Nat.eqb i j); ring. Qed.

Lemma dl_power : forall i j n, dl i j ^ S n = dl i j.
Proof. intros. unfold dl. destruct (Nat.eqb i j); [apply pow1 | simpl; ring]. Qed.

Lemma Sg_miss : forall m g j, (m <= j)%nat -> Sg m (fun i => dl i j * g i) = 0.
Proof.
  induction m; intros g j H; simpl; [reflexivity | ].
  rewrite IHm by lia. unfold dl. replace (Nat.eqb m j) with false; [ring | ].
  symmetry. apply Nat.eqb_neq. lia.
Qed.

Lemma Sg_dl : forall m f g j, (j < m)%nat -> (forall i, (i < m)%nat -> f i = dl i j * g i) -> Sg m f = g j.
Proof.
  intros m f g j Hj H. rewrite (Sg_ext _ _ _ H). clear f H. induction m; [lia | simpl].
  destruct (Nat.eq_dec m j) as [-> | ].
  - rewrite Sg_miss by lia. rewrite dl_same. ring.
  - rewrite IHm by lia. unfold dl. replace (Nat.eqb m j) with false; [ring | ].
    symmetry. now apply Nat.eqb_neq.
Qed.

Lemma dl_move : forall i j f, dl i j * f i = dl i j * f j.
Proof.
  intros. unfold dl. destruct (Nat.eqb i j) eqn:E; [apply Nat.eqb_eq in E; subst; ring | ring].
Qed.

(* Roots, absolute values and signs -------------------------------------------------------------------------------- *)

Lemma sqrt_square_is : forall p, 0 <= p -> sqrt p * sqrt p = p.
Proof. exact sqrt_sqrt. Qed.

Lemma sqrt_is : forall p s, 0 <= s -> s * s = p -> sqrt p = s.
Proof. intros p s Hs <-. now apply sqrt_square. Qed.

Lemma sqrt_nonzero : forall p, 0 < p -> sqrt p <> 0.
Proof. intros p H. apply Rgt_not_eq. now apply sqrt_lt_R0. Qed.

Definition sgn (x : R) : R := if Rlt_dec x 0 then -1 else if Rlt_dec 0 x then 1 else 0.

Lemma sgn_pos : forall x, 0 < x -> sgn x = 1.
Proof. intros. unfold sgn. destruct (Rlt_dec x 0); [lra | ]. destruct (Rlt_dec 0 x); lra. Qed.

Lemma sgn_neg : forall x, x < 0 -> sgn x = -1.
Proof. intros. unfold sgn. destruct (Rlt_dec x 0); lra. Qed.

Lemma sgn_zero : sgn 0 = 0.
Proof. unfold sgn. destruct (Rlt_dec 0 0); lra. Qed.

Lemma sgn_cases : forall x, x < 0 /\ sgn x = -1 \/ x = 0 /\ sgn x = 0 \/ 0 < x /\ sgn x = 1.
Proof.
  intro x. destruct (Rtotal_order x 0) as [H | [H | H]].
  - left. split; [ | apply sgn_neg]; assumption.
  - right. left. subst. split; [ | apply sgn_zero]; reflexivity.
  - right. right. split; [ | apply sgn_pos]; assumption.
Qed.

Lemma sgn_mul : forall x y, sgn (x * y) = sgn x * sgn y.
Proof.
  intros. destruct (sgn_cases x) as [[Hx ->] | [[-> ->] | [Hx ->]]];
  destruct (sgn_cases y) as [[Hy ->] | [[-> ->] | [Hy ->]]];
  rewrite ?Rmult_0_l, ?Rmult_0_r, ?sgn_zero; try ring.
  - rewrite sgn_pos; nra.
  - rewrite sgn_neg; nra.
  - rewrite sgn_neg; nra.
  - rewrite sgn_pos; nra.
Qed.

Lemma sgn_square : forall x, x <> 0 -> sgn x * sgn x = 1.
Proof. intros x H. destruct (sgn_cases x) as [[Hx ->] | [[-> _] | [Hx ->]]]; lra. Qed.

Lemma sgn_cube : forall x, sgn x * sgn x * sgn x = sgn x.
Proof. intros x. destruct (sgn_cases x) as [[Hx ->] | [[-> ->] | [Hx ->]]]; lra. Qed.

Lemma sgn_square_self : forall x, sgn x * sgn x * x = x.
Proof. intros x. destruct (sgn_cases x) as [[Hx ->] | [[-> ->] | [Hx ->]]]; lra. Qed.

Lemma sgn_opp : forall x, sgn (- x) = - sgn x.
Proof.
  intro x. destruct (sgn_cases x) as [[H ->] | [[-> ->] | [H ->]]].
  - rewrite sgn_pos; lra.
  - rewrite Ropp_0, sgn_zero. ring.
  - rewrite sgn_neg; lra.
Qed.

Lemma sgn_nonzero : forall x, x <> 0 -> sgn x <> 0.
Proof. intros x H. destruct (sgn_cases x) as [[Hx ->] | [[-> _] | [Hx ->]]]; lra. Qed.

Lemma sgn_even : forall x, 0 < x ^ 2 -> sgn (x ^ 2) = 1.
Proof. intros. now apply sgn_pos. Qed.

Lemma Rabs_sgn : forall x, Rabs x = sgn x * x.
Proof.
  intro x. destruct (sgn_cases x) as [[H ->] | [[-> ->] | [H ->]]].
  - rewrite Rabs_left; lra.
  - rewrite Rabs_R0. ring.
  - rewrite Rabs_right; lra.
Qed.

Lemma Rmax_abs : forall a b, Rmax a b = (a + b + Rabs (a - b)) / 2.
Proof.
  intros. unfold Rmax. destruct (Rle_dec a b); [rewrite Rabs_left1 | rewrite Rabs_right]; lra.
Qed.

Lemma Rmin_abs : forall a b, Rmin a b = (a + b - Rabs (a - b)) / 2.
Proof.
  intros. unfold Rmin. destruct (Rle_dec a b); [rewrite Rabs_left1 | rewrite Rabs_right]; lra.
Qed.

(* An odd function. *)
Lemma odd_zero : forall f : R -> R, (forall t, f (- t) = - f t) -> f 0 = 0.
Proof. intros f H. specialize (H 0). rewrite Ropp_0 in H. lra. Qed.

Lemma odd_opp : forall f : R -> R, (forall t, f (- t) = - f t) -> forall a b, f (- a) = b -> f a = (- 1) * b.
Proof. intros f H a b <-. rewrite H. ring. Qed.

(* Derivatives: a value and its change along a line ----------------------------------------------------------------- *)

Definition dual (f : R -> R) (v d : R) : Prop := f 0 = v /\ derivable_pt_lim f 0 d.

Lemma dual_lim : forall f v d r, dual f v d -> d = r -> derivable_pt_lim f 0 r.
Proof. intros f v d r [_ H] <-. exact H. Qed.

Lemma dual_as : forall f v d r, dual f v d -> d = r -> dual f v r.
Proof. intros f v d r H <-. exact H. Qed.

Lemma dual_line : forall a h, dual (fun t => a + t * h) a h.
Proof.
  intros. split; [ring | ].
  pose proof (derivable_pt_lim_plus (fun _ => a) (fun t => t * h) 0 _ _ (derivable_pt_lim_const a 0)
    (derivable_pt_lim_mult (fun t => t) (fun _ => h) 0 _ _ (derivable_pt_lim_id 0) (derivable_pt_lim_const h 0))) as D.
  cbv beta in D. replace (0 + (1 * h + 0 * 0)) with h in D by ring. exact D.
Qed.

Lemma dual_let : forall f v d, dual f v d -> dual f v (d * 1).
Proof. intros. apply (dual_as _ _ _ _ H). ring. Qed.

Lemma dual_const : forall c, dual (fun _ => c) c 0.
Proof. intros. split; [reflexivity | apply derivable_pt_lim_const]. Qed.

Lemma dual_add : forall f g v w d e, dual f v d -> dual g w e -> dual (fun t => f t + g t) (v + w) (d * 1 + e * 1).
Proof.
  intros f g v w d e [<- F] [<- G]. split; [reflexivity | ]. rewrite !Rmult_1_r. now apply derivable_pt_lim_plus.
Qed.

Lemma dual_mul : forall f g v w d e, dual f v d -> dual g w e -> dual (fun t => f t * g t) (v * w) (d * w + e * v).
Proof.
  intros f g v w d e [<- F] [<- G]. split; [reflexivity | ]. rewrite (Rmult_comm e). now apply derivable_pt_lim_mult.
Qed.

Lemma dual_neg : forall f v d, dual f v d -> dual (fun t => - f t) (- v) (d * (- 1)).
Proof.
  intros f v d [<- F]. split; [reflexivity | ]. replace (d * (- 1)) with (- d) by ring. now apply derivable_pt_lim_opp.
Qed.

Lemma dual_sub : forall f g v w d e,
  dual f v d -> dual g w e -> dual (fun t => f t - g t) (v - w) (d * 1 + e * (- 1)).
Proof.
  intros f g v w d e [<- F] [<- G]. split; [reflexivity | ]. replace (d * 1 + e * (- 1)) with (d - e) by ring.
  now apply derivable_pt_lim_minus.
Qed.

Lemma dual_div : forall f g v w d e,
  w <> 0 -> dual f v d -> dual g w e -> dual (fun t => f t / g t) (v / w) (d * (1 / w) + e * (- (v / w / w))).
Proof.
  intros f g v w d e H [<- F] [<- G]. split; [reflexivity | ].
  replace (d * (1 / g 0) + e * (- (f 0 / g 0 / g 0))) with ((d * g 0 - e * f 0) / Rsqr (g 0)).
  - now apply derivable_pt_lim_div.
  - unfold Rsqr. now field.
Qed.

(* The same where the other operand does not change. *)
Lemma dual_add_l : forall f c v d, dual f v d -> dual (fun t => f t + c) (v + c) (d * 1).
Proof. intros. apply (dual_as _ _ _ _ (dual_add _ _ _ _ _ _ H (dual_const c))). ring. Qed.

Lemma dual_add_r : forall f c v d, dual f v d -> dual (fun t => c + f t) (c + v) (d * 1).
Proof. intros. apply (dual_as _ _ _ _ (dual_add _ _ _ _ _ _ (dual_const c) H)). ring. Qed.

Lemma dual_sub_l : forall f c v d, dual f v d -> dual (fun t => f t - c) (v - c) (d * 1).
Proof. intros. apply (dual_as _ _ _ _ (dual_sub _ _ _ _ _ _ H (dual_const c))). ring. Qed.

Lemma dual_sub_r : forall f c v d, dual f v d -> dual (fun t => c - f t) (c - v) (d * (- 1)).
Proof. intros. apply (dual_as _ _ _ _ (dual_sub _ _ _ _ _ _ (dual_const c) H)). ring. Qed.

Lemma dual_mul_l : forall f c v d, dual f v d -> dual (fun t => f t * c) (v * c) (d * c).
Proof. intros. apply (dual_as _ _ _ _ (dual_mul _ _ _ _ _ _ H (dual_const c))). ring. Qed.

Lemma dual_mul_r : forall f c v d, dual f v d -> dual (fun t => c * f t) (c * v) (d * c).
Proof. intros. apply (dual_as _ _ _ _ (dual_mul _ _ _ _ _ _ (dual_const c) H)). ring. Qed.

Lemma dual_over : forall f c v d, dual f v d -> dual (fun t => f t / c) (v / c) (d / c).
Proof. intros. exact (dual_mul_l _ _ _ _ H). Qed.

Lemma dual_div_l : forall f c v d, dual f v d -> dual (fun t => f t / c) (v / c) (d * (1 / c)).
Proof. intros. apply (dual_as _ _ _ _ (dual_over _ c _ _ H)). unfold Rdiv. ring. Qed.

Lemma dual_div_r : forall f c v d, v <> 0 -> dual f v d -> dual (fun t => c / f t) (c / v) (d * (- (c / v / v))).
Proof. intros. apply (dual_as _ _ _ _ (dual_div _ _ _ _ _ _ H (dual_const c) H0)). ring. Qed.

Lemma dual_comp : forall (k : R -> R) f v d r,
  derivable_pt_lim k v r -> dual f v d -> dual (fun t => k (f t)) (k v) (d * r).
Proof.
  intros k f v d r K [<- F]. split; [reflexivity | ]. rewrite Rmult_comm. now apply (derivable_pt_lim_comp f k).
Qed.

Lemma dual_square : forall f v d, dual f v d -> dual (fun t => f t ^ 2) (v ^ 2) (d * (2 * v)).
Proof.
  intros. apply (dual_comp (fun t => t ^ 2)); [ | assumption]. replace (2 * v) with (INR 2 * v ^ pred 2).
  - apply derivable_pt_lim_pow.
  - simpl. ring.
Qed.

Lemma dual_sqrt : forall f v d, 0 < v -> dual f v d -> dual (fun t => sqrt (f t)) (sqrt v) (d * (1 / 2 / sqrt v)).
Proof.
  intros. apply dual_comp; [ | assumption]. replace (1 / 2 / sqrt v) with (/ (2 * sqrt v)).
  - now apply derivable_pt_lim_sqrt.
  - pose proof (sqrt_lt_R0 v H). field. lra.
Qed.

Lemma dual_exp : forall f v d, dual f v d -> dual (fun t => exp (f t)) (exp v) (d * exp v).
Proof. intros. apply dual_comp; [apply derivable_pt_lim_exp | assumption]. Qed.

Lemma dual_log : forall f v d, 0 < v -> dual f v d -> dual (fun t => ln (f t)) (ln v) (d * (1 / v)).
Proof.
  intros. apply dual_comp; [ | assumption]. replace (1 / v) with (/ v) by (unfold Rdiv; ring).
  now apply derivable_pt_lim_ln.
Qed.

Lemma dual_Sg : forall m f v d, (forall i, (i < m)%nat -> dual (fun t => f t i) (v i) (d i)) ->
  dual (fun t => Sg m (f t)) (Sg m v) (Sg m d).
Proof.
  induction m; intros f v d H; [apply dual_const | ]. simpl.
  destruct (IHm f v d (fun i Hi => H i (Nat.lt_lt_succ_r _ _ Hi))) as [V D].
  destruct (H m (Nat.lt_succ_diag_r m)) as [V' D']. split; [now rewrite V, V' | ].
  now apply (derivable_pt_lim_plus (fun t => Sg m (f t)) (fun t => f t m)).
Qed.

Lemma abs_even : forall a n, Rabs a ^ (n + n) = a ^ (n + n).
Proof. intros. rewrite !pow_add, <- !Rpow_mult_distr, <- Rabs_mult. f_equal. apply Rabs_right, Rle_ge, Rle_0_sqr. Qed.

Lemma neg_even : forall a n, (- a) ^ (n + n) = a ^ (n + n).
Proof. intros. rewrite !pow_add, <- !Rpow_mult_distr. f_equal. ring. Qed.

(* How a proof goes on --------------------------------------------------------------------------------------------- *)

(* One more step of rewriting: t = p, c times over. *)
Lemma by_gap : forall a b c t p, t = p -> a - b = c * (t - p) -> a = b.
Proof. intros a b c t p -> H. lra. Qed.

Lemma zero_gap : forall c t p, t = p -> c * (t - p) = 0.
Proof. intros c t p ->. ring. Qed.

Lemma zero_add : forall a b, a = 0 -> b = 0 -> a + b = 0.
Proof. intros. lra. Qed.

Lemma from_gap : forall a b g, g = 0 -> a - b = g -> a = b.
Proof. intros a b g -> H. lra. Qed.

Lemma Rdiv_is : forall a b p q, b * q = 1 -> a = p -> a / b = p * q.
Proof.
  intros a b p q H ->. assert (b <> 0) by (intro; subst; lra).
  unfold Rdiv. f_equal. apply (Rmult_eq_reg_l b); [rewrite Rinv_r | ]; auto.
Qed.

Lemma Rinv_is : forall b q, b * q = 1 -> / b = q.
Proof.
  intros b q H. assert (b <> 0) by (intro; subst; lra).
  apply (Rmult_eq_reg_l b); [rewrite Rinv_r | ]; auto.
Qed.

Lemma inv_pow : forall b n, / (b ^ n) = (/ b) ^ n.
Proof. intros. symmetry. apply pow_inv. Qed.

(* A value vanishes if it does times a power of what has an inverse. *)
Lemma by_product : forall a r p n b, r * p = 1 -> a * p ^ n = b -> b = 0 -> a = 0.
Proof.
  intros a r p n b H <- E. assert (p <> 0) by (intro; subst; lra).
  destruct (Rmult_integral _ _ E) as [ | Z]; [assumption | ]. now apply pow_nonzero in Z.
Qed.

(* What a product f = t c says of its factor t. *)
Lemma factor_pos : forall t c f, 0 < f -> 0 <= c -> f = t * c -> 0 < t.
Proof. intros t c f H C ->. destruct (Rlt_le_dec 0 t); [assumption | exfalso; nra]. Qed.

Lemma factor_pos_le : forall t c f, 0 < f -> 0 <= c -> f = t * c -> 0 <= t.
Proof. intros t c f H C E. exact (Rlt_le _ _ (factor_pos t c f H C E)). Qed.

Lemma factor_nonneg : forall t c f, 0 <= f -> 0 < c -> f = t * c -> 0 <= t.
Proof. intros t c f H C ->. destruct (Rle_lt_dec 0 t); [assumption | exfalso; nra]. Qed.

Lemma factor_nonzero : forall t c f, f <> 0 -> f = t * c -> t <> 0.
Proof. intros t c f H -> ->. apply H. ring. Qed.

Lemma factor_pos_nonzero : forall t c f, 0 < f -> f = t * c -> t <> 0.
Proof. intros t c f H. apply factor_nonzero. lra. Qed.

Lemma pow_even : forall a n, 0 <= a ^ (n + n).
Proof. intros. rewrite pow_add. apply Rle_0_sqr. Qed.

Lemma pow_even_pos : forall a n, a <> 0 -> 0 < a ^ (n + n).
Proof. intros. rewrite pow_add. apply Rsqr_pos_lt. now apply pow_nonzero. Qed.

Lemma neg_pos : forall a, a < 0 -> 0 < - a.
Proof. intros. lra. Qed.

Lemma neg_nonneg : forall a, a <= 0 -> 0 <= - a.
Proof. intros. lra. Qed.

Lemma neg_of : forall a b, 0 < b -> b = - a -> a < 0.
Proof. intros. lra. Qed.

Lemma nonpos_of : forall a b, 0 <= b -> b = - a -> a <= 0.
Proof. intros. lra. Qed.

Lemma neg_inv_pos : forall a, a < 0 -> 0 < - / a.
Proof. intros a H. apply Rinv_lt_0_compat in H. lra. Qed.

(* |b| + r for b = c u, u of any sign, is not negative if one of b + r and - b + r is not. *)
Lemma lowered : forall p b c u r, p = b * sgn u + r -> b = c * u -> 0 <= c -> 0 <= b + r -> 0 <= p.
Proof.
  intros p b c u r -> -> H K. replace (c * u * sgn u) with (c * (sgn u * u)) by ring. rewrite <- Rabs_sgn.
  assert (c * u <= c * Rabs u) by (apply Rmult_le_compat_l; [assumption | apply Rle_abs]). lra.
Qed.

Lemma lowered_neg : forall p b c u r, p = b * sgn u + r -> b = c * u -> 0 <= c -> 0 <= - b + r -> 0 <= p.
Proof.
  intros p b c u r E B H K. apply (lowered p (- b) c (- u) r); [ | rewrite B; ring | assumption | assumption].
  rewrite sgn_opp, E. ring.
Qed.

Lemma sgn_self_nonneg : forall x, 0 <= sgn x * x.
Proof. intro. rewrite <- Rabs_sgn. apply Rabs_pos. Qed.

Lemma square_pos : forall a, a <> 0 -> 0 < a ^ 2.
Proof. intros a H. assert (0 < a * a) by (apply Rsqr_pos_lt; assumption). lra. Qed.

Ltac under := repeat (apply Sg_ext; intros ? ?; cbv beta).

(* Signs that the form of an expression shows. [known] closes what is assumed, [open] unfolds a named value. *)
Ltac shown known open :=
  first
  [ known
  | lazymatch goal with
    | |- 0 <= ?a ^ 2 => apply pow2_ge_0
    | |- 0 <= ?a * ?a => apply Rle_0_sqr
    | |- 0 <= sgn ?a * ?a => apply sgn_self_nonneg
    | |- 0 <= _ ^ _ => first [apply pow_le; solve [shown known open] | apply Rlt_le; shown known open]
    | |- 0 <= _ + _ => apply Rplus_le_le_0_compat; shown known open
    | |- 0 <= _ * _ => apply Rmult_le_pos; shown known open
    | |- 0 <= _ / _ => unfold Rdiv; apply Rmult_le_pos; shown known open
    | |- 0 <= / _ => apply Rlt_le, Rinv_0_lt_compat; shown known open
    | |- 0 <= sqrt _ => apply sqrt_pos
    | |- 0 <= Rabs _ => apply Rabs_pos
    | |- 0 <= Sg _ _ => apply Sg_nonneg; intros ? ?; cbv beta; shown known open
    | |- 0 < _ + _ => first [apply Rplus_lt_le_0_compat; solve [shown known open] | apply Rplus_le_lt_0_compat; solve [shown known open]]
    | |- 0 < _ * _ => apply Rmult_lt_0_compat; shown known open
    | |- 0 < _ / _ => unfold Rdiv; apply Rmult_lt_0_compat; shown known open
    | |- 0 < / _ => apply Rinv_0_lt_compat; shown known open
    | |- 0 < sqrt _ => apply sqrt_lt_R0; shown known open
    | |- 0 < INR _ => apply INR_pos; first [assumption | lia]
    | |- 0 < exp _ => apply exp_pos
    | |- 0 < PI => exact PI_RGT_0
    | |- 0 < Rabs _ => apply Rabs_pos_lt; shown known open
    | |- 0 < ?a ^ 2 => apply (square_pos a); shown known open
    | |- 0 < _ ^ _ => apply pow_lt; shown known open
    | |- 0 < Sg _ _ => apply Sg_pos; [first [assumption | lia] | intros ? ?; cbv beta; shown known open]
    | |- ?a * ?b <> 0 => apply Rmult_integral_contrapositive_currified; shown known open
    | |- / ?a <> 0 => apply Rinv_neq_0_compat; shown known open
    | |- ?a / ?b <> 0 => unfold Rdiv; apply Rmult_integral_contrapositive_currified; shown known open
    | |- _ ^ _ <> 0 => first [apply pow_nonzero; solve [shown known open] | apply Rgt_not_eq; shown known open]
    | |- - _ <> 0 => apply Ropp_neq_0_compat; shown known open
    | |- _ <> 0 => first [lra | apply Rgt_not_eq; red; solve [shown known open]]
    end
  | solve [lra]
  | open; cbv beta; shown known open
  | lazymatch goal with |- 0 <= _ => apply Rlt_le; shown known open end ].

(* The signs of values from those of their arguments --------------------------------------------------------------- *)

Lemma weak_up {a} : 0 < a -> 0 <= a. Proof. lra. Qed.
Lemma weak_down {a} : a < 0 -> a <= 0. Proof. lra. Qed.
Lemma weak_off {a} : 0 < a -> a <> 0. Proof. lra. Qed.
Lemma weak_off' {a} : a < 0 -> a <> 0. Proof. lra. Qed.
Lemma strict_above {a} : 0 <= a -> a <> 0 -> 0 < a. Proof. lra. Qed.
Lemma strict_below {a} : a <= 0 -> a <> 0 -> a < 0. Proof. lra. Qed.
Lemma gap_up {a b} : a >= b -> 0 <= a - b. Proof. lra. Qed.
Lemma gap_down {a b} : a <= b -> a - b <= 0. Proof. lra. Qed.
Lemma gap_off {a b} : a <> b -> a - b <> 0. Proof. lra. Qed.
Lemma gap_above {a b} : a > b -> 0 < a - b. Proof. lra. Qed.
Lemma gap_below {a b} : a < b -> a - b < 0. Proof. lra. Qed.
Lemma moved_up {a b} : 0 <= a -> a = b -> 0 <= b. Proof. lra. Qed.
Lemma moved_down {a b} : a <= 0 -> a = b -> b <= 0. Proof. lra. Qed.
Lemma moved_off {a b} : a <> 0 -> a = b -> b <> 0. Proof. lra. Qed.
Lemma moved_above {a b} : 0 < a -> a = b -> 0 < b. Proof. lra. Qed.
Lemma moved_below {a b} : a < 0 -> a = b -> b < 0. Proof. lra. Qed.
Lemma add_up {a b} : 0 <= a -> 0 <= b -> 0 <= a + b. Proof. lra. Qed.
Lemma add_down {a b} : a <= 0 -> b <= 0 -> a + b <= 0. Proof. lra. Qed.
Lemma add_above {a b} : 0 < a -> 0 <= b -> 0 < a + b. Proof. lra. Qed.
Lemma add_above' {a b} : 0 <= a -> 0 < b -> 0 < a + b. Proof. lra. Qed.
Lemma add_below {a b} : a < 0 -> b <= 0 -> a + b < 0. Proof. lra. Qed.
Lemma add_below' {a b} : a <= 0 -> b < 0 -> a + b < 0. Proof. lra. Qed.
Lemma sub_up {a b} : 0 <= a -> b <= 0 -> 0 <= a - b. Proof. lra. Qed.
Lemma sub_down {a b} : a <= 0 -> 0 <= b -> a - b <= 0. Proof. lra. Qed.
Lemma sub_above {a b} : 0 < a -> b <= 0 -> 0 < a - b. Proof. lra. Qed.
Lemma sub_above' {a b} : 0 <= a -> b < 0 -> 0 < a - b. Proof. lra. Qed.
Lemma sub_below {a b} : a < 0 -> 0 <= b -> a - b < 0. Proof. lra. Qed.
Lemma sub_below' {a b} : a <= 0 -> 0 < b -> a - b < 0. Proof. lra. Qed.
Lemma neg_up {a} : a <= 0 -> 0 <= - a. Proof. lra. Qed.
Lemma neg_down {a} : 0 <= a -> - a <= 0. Proof. lra. Qed.
Lemma neg_off {a} : a <> 0 -> - a <> 0. Proof. lra. Qed.
Lemma mul_up {a b} : 0 <= a -> 0 <= b -> 0 <= a * b. Proof. apply Rmult_le_pos. Qed.
Lemma mul_up' {a b} : a <= 0 -> b <= 0 -> 0 <= a * b. Proof. intros. nra. Qed.
Lemma mul_down {a b} : 0 <= a -> b <= 0 -> a * b <= 0. Proof. intros. nra. Qed.
Lemma mul_down' {a b} : a <= 0 -> 0 <= b -> a * b <= 0. Proof. intros. nra. Qed.
Lemma mul_off {a b} : a <> 0 -> b <> 0 -> a * b <> 0. Proof. apply Rmult_integral_contrapositive_currified. Qed.
Lemma inv_off {a} : a <> 0 -> / a <> 0. Proof. apply Rinv_neq_0_compat. Qed.
Lemma inv_up {a} : 0 <= a -> 0 <= / a.
Proof. intros [H | <-]; [apply Rlt_le; now apply Rinv_0_lt_compat | rewrite Rinv_0; lra]. Qed.
Lemma inv_down {a} : a <= 0 -> / a <= 0.
Proof. intros [H | ->]; [apply Rlt_le; now apply Rinv_lt_0_compat | rewrite Rinv_0; lra]. Qed.
Lemma div_up {a b} : 0 <= a -> 0 <= b -> 0 <= a / b. Proof. intros. now apply mul_up, inv_up. Qed.
Lemma div_up' {a b} : a <= 0 -> b <= 0 -> 0 <= a / b. Proof. intros. now apply mul_up', inv_down. Qed.
Lemma div_down {a b} : 0 <= a -> b <= 0 -> a / b <= 0. Proof. intros. now apply mul_down, inv_down. Qed.
Lemma div_down' {a b} : a <= 0 -> 0 <= b -> a / b <= 0. Proof. intros. now apply mul_down', inv_up. Qed.
Lemma div_off {a b} : a <> 0 -> b <> 0 -> a / b <> 0. Proof. intros. now apply mul_off, inv_off. Qed.
Lemma square_up {a} : 0 <= a * a. Proof. apply Rle_0_sqr. Qed.
Lemma square_off {a} : a <> 0 -> a * a <> 0. Proof. intros. now apply mul_off. Qed.
Lemma odd_up {a} n : 0 <= a -> 0 <= a ^ n. Proof. apply pow_le. Qed.
Lemma odd_off {a} n : a <> 0 -> a ^ n <> 0. Proof. apply pow_nonzero. Qed.
Lemma even_up {a} n : 0 <= a ^ (n + n). Proof. rewrite pow_add. apply Rle_0_sqr. Qed.
Lemma even_off {a} n : a <> 0 -> a ^ (n + n) <> 0. Proof. apply pow_nonzero. Qed.
Lemma odd_down {a} n : a <= 0 -> a ^ S (n + n) <= 0.
Proof. intro. simpl. pose proof (@even_up a n). nra. Qed.
Lemma root_up {a} : 0 <= sqrt a. Proof. apply sqrt_pos. Qed.
Lemma root_above {a} : 0 < a -> 0 < sqrt a. Proof. apply sqrt_lt_R0. Qed.
Lemma abs_up {a} : 0 <= Rabs a. Proof. apply Rabs_pos. Qed.
Lemma abs_off {a} : a <> 0 -> Rabs a <> 0. Proof. apply Rabs_no_R0. Qed.
Lemma exp_above {a} : 0 < exp a. Proof. apply exp_pos. Qed.
Lemma power_above {a b} : 0 < Rpower a b. Proof. apply exp_pos. Qed.
Lemma delta_up {i j} : 0 <= dl i j. Proof. unfold dl. destruct (Nat.eqb i j); lra. Qed.
Lemma max_up {a b} : 0 <= a -> 0 <= Rmax a b. Proof. pose proof (Rmax_l a b). lra. Qed.
Lemma max_up' {a b} : 0 <= b -> 0 <= Rmax a b. Proof. pose proof (Rmax_r a b). lra. Qed.
Lemma max_above {a b} : 0 < a -> 0 < Rmax a b. Proof. pose proof (Rmax_l a b). lra. Qed.
Lemma max_above' {a b} : 0 < b -> 0 < Rmax a b. Proof. pose proof (Rmax_r a b). lra. Qed.
Lemma max_down {a b} : a <= 0 -> b <= 0 -> Rmax a b <= 0. Proof. apply Rmax_lub. Qed.
Lemma max_below {a b} : a < 0 -> b < 0 -> Rmax a b < 0. Proof. apply Rmax_lub_lt. Qed.
Lemma min_up {a b} : 0 <= a -> 0 <= b -> 0 <= Rmin a b. Proof. apply Rmin_glb. Qed.
Lemma min_above {a b} : 0 < a -> 0 < b -> 0 < Rmin a b. Proof. apply Rmin_glb_lt. Qed.
Lemma min_down {a b} : a <= 0 -> Rmin a b <= 0. Proof. pose proof (Rmin_l a b). lra. Qed.
Lemma min_down' {a b} : b <= 0 -> Rmin a b <= 0. Proof. pose proof (Rmin_r a b). lra. Qed.
Lemma min_below {a b} : a < 0 -> Rmin a b < 0. Proof. pose proof (Rmin_l a b). lra. Qed.
Lemma min_below' {a b} : b < 0 -> Rmin a b < 0. Proof. pose proof (Rmin_r a b). lra. Qed.
Lemma sum_up {m f} : (forall i, (i < m)%nat -> 0 <= f i) -> 0 <= Sg m f. Proof. apply Sg_nonneg. Qed.
Lemma sum_above {m f} : (1 <= m)%nat -> (forall i, (i < m)%nat -> 0 < f i) -> 0 < Sg m f. Proof. apply Sg_pos. Qed.

Lemma Sg_opp : forall m f, Sg m (fun i => - f i) = - Sg m f.
Proof. induction m; intros; simpl; [ | rewrite IHm]; ring. Qed.

Lemma sum_down {m f} : (forall i, (i < m)%nat -> f i <= 0) -> Sg m f <= 0.
Proof.
  intro H. assert (0 <= - Sg m f); [ | lra]. rewrite <- Sg_opp. apply Sg_nonneg. intros i Hi. specialize (H i Hi). lra.
Qed.

Lemma sum_below {m f} : (1 <= m)%nat -> (forall i, (i < m)%nat -> f i < 0) -> Sg m f < 0.
Proof.
  intros Hm H. assert (0 < - Sg m f); [ | lra]. rewrite <- Sg_opp.
  apply Sg_pos; [assumption | intros i Hi; specialize (H i Hi); lra].
Qed.

(* An axis has at least one entry. *)
Lemma one_add {m n} : (1 <= m)%nat -> (1 <= n)%nat -> (1 <= m + n)%nat. Proof. lia. Qed.
Lemma one_mul {m n} : (1 <= m)%nat -> (1 <= n)%nat -> (1 <= m * n)%nat. Proof. nia. Qed.
Lemma INR_one {m} : (1 <= m)%nat -> 1 <= INR m. Proof. exact (le_INR 1 m). Qed.

(* Comparisons, from the sign of the difference of the sides or of their squares. *)
Lemma le_by {a b g} : b - a = g -> 0 <= g -> a <= b. Proof. lra. Qed.
Lemma lt_by {a b g} : b - a = g -> 0 < g -> a < b. Proof. lra. Qed.
Lemma ge_by {a b g} : a - b = g -> 0 <= g -> a >= b. Proof. lra. Qed.
Lemma gt_by {a b g} : a - b = g -> 0 < g -> a > b. Proof. lra. Qed.
Lemma ne_by {a b g} : a - b = g -> g <> 0 -> a <> b. Proof. lra. Qed.
Lemma le_by_squares {a b g} : 0 <= b -> b ^ 2 - a ^ 2 = g -> 0 <= g -> a <= b. Proof. intros. nra. Qed.
Lemma lt_by_squares {a b g} : 0 <= b -> b ^ 2 - a ^ 2 = g -> 0 < g -> a < b. Proof. intros. nra. Qed.
Lemma ge_by_squares {a b g} : 0 <= a -> a ^ 2 - b ^ 2 = g -> 0 <= g -> a >= b. Proof. intros. nra. Qed.
Lemma gt_by_squares {a b g} : 0 <= a -> a ^ 2 - b ^ 2 = g -> 0 < g -> a > b. Proof. intros. nra. Qed.

(* Powers of a positive base with a symbol in the exponent. *)
Lemma power_zero {a} : Rpower a 0 = 1.
Proof. unfold Rpower. rewrite Rmult_0_l. apply exp_0. Qed.
Lemma power_sum {a e f x y} : Rpower a e = x -> Rpower a f = y -> Rpower a (e + f) = x * y.
Proof. intros <- <-. apply Rpower_plus. Qed.
Lemma power_number {a} : 0 < a -> forall n, Rpower a (IZR (Z.of_nat n)) = a ^ n.
Proof. intros. rewrite <- INR_IZR_INZ. now apply Rpower_pow. Qed.
Lemma power_inverse_number {a} : 0 < a -> forall n, Rpower a (- IZR (Z.of_nat n)) = (/ a) ^ n.
Proof. intros. rewrite Rpower_Ropp, power_number, pow_inv; auto. Qed.
Lemma power_times {a m} : 0 < a -> forall n, Rpower a (IZR (Z.of_nat n) * m) = Rpower a m ^ n.
Proof. intros. rewrite <- INR_IZR_INZ, Rmult_comm, <- Rpower_mult. apply Rpower_pow, exp_pos. Qed.
Lemma power_inverse_times {a m} : 0 < a -> forall n, Rpower a (- (IZR (Z.of_nat n) * m)) = (/ Rpower a m) ^ n.
Proof. intros. rewrite Rpower_Ropp, power_times, pow_inv; auto. Qed.
